//! One event, one line.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// A writer in front of another: of each event, which arrives in one piece, only the last line break is left (T67).
/// JSON has no others; lines for people would, where a value holds one.
pub(super) struct OneLine<W>(pub(super) W);

/// The same for one event.
pub(super) struct Line<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLine<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self.0.make_writer())
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = event.strip_suffix(b"\n").unwrap_or(event);
        let breaks = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0x0b | 0x0c);
        if text.iter().any(breaks) {
            let mut line: Vec<u8> = text.iter().map(|byte| if breaks(byte) { b' ' } else { *byte }).collect();
            line.push(b'\n');
            self.0.write_all(&line)?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T67: a line break in a value begins no line.
    #[test]
    fn an_event_is_a_line() {
        for (event, line) in
            [("a\n", "a\n"), ("a\r\n  ERROR forged\n", "a    ERROR forged\n"), ("{\"a\":1}\n", "{\"a\":1}\n")]
        {
            let mut written = Line(Vec::new());
            written.write_all(event.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(written.0).unwrap(), line);
        }
    }
}
