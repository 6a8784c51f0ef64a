//! Spans as traces: each with its trace, its own id, its parent's, its times and what it was given to tell.
//!
//! A layer of ours rather than `tracing-opentelemetry` with its exporter: those bring thirteen crates, `h2` and `prost`
//! among them, and half a minute of building, for what is here in two files. A trace begins with the first span without
//! a parent; whether it is kept is decided there, by the caller's `traceparent` or by chance.

use tokio::sync::mpsc::Sender;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Clock;

/// Takes in spans, and hands on those that have ended and are kept.
#[derive(Debug)]
pub struct Traces {
    queue: Sender<Span>,
    percent: u8,
}

/// A span, open or ended. Times are nanoseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) trace: u128,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: &'static str,
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) values: Vec<(&'static str, String)>,
    pub(super) failed: bool,
    kept: bool,
}

impl Traces {
    /// Keeps so many of a hundred traces that begin here, and puts their spans into a queue; with the queue full they
    /// are lost.
    pub(super) fn new(queue: Sender<Span>, percent: u8) -> Self {
        Self { queue, percent }
    }

    fn root(&self, name: &'static str) -> Span {
        let trace = u128::from_be_bytes(random());
        let kept = trace % 100 < u128::from(self.percent);
        Span { trace, parent: None, kept, ..Span::of(name) }
    }
}

impl Span {
    fn of(name: &'static str) -> Self {
        Self {
            trace: 0,
            id: u64::from_be_bytes(random()).max(1),
            parent: None,
            name,
            begin: Clock::unix_nanos(),
            end: 0,
            values: Vec::new(),
            failed: false,
            kept: false,
        }
    }

    /// Becomes a part of a trace that was begun elsewhere: `00-TRACE-PARENT-FLAGS`, all of it hexadecimal.
    fn join(&mut self, traceparent: &str) {
        let mut parts = traceparent.split('-');
        let version = parts.next();
        let trace = parts.next().and_then(|part| u128::from_str_radix(part, 16).ok());
        let parent = parts.next().and_then(|part| u64::from_str_radix(part, 16).ok());
        let flags = parts.next().and_then(|part| u8::from_str_radix(part, 16).ok());
        if let (Some(trace @ 1..), Some(parent @ 1..), Some(flags)) = (trace, parent, flags)
            && version != Some("ff")
        {
            (self.trace, self.parent, self.kept) = (trace, Some(parent), flags & 1 == 1);
        }
    }
}

impl Visit for Span {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => self.join(value),
            _ if value.is_empty() => {}
            name => {
                self.failed |= name == "codes";
                self.values.push((name, value.to_owned()));
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(new) = context.span(id) else { return };
        let parent = new.parent().and_then(|parent| {
            parent.extensions().get::<Span>().map(|parent| (parent.trace, parent.id, parent.kept))
        });
        let name = attributes.metadata().name();
        let mut span = match parent {
            Some((trace, parent, kept)) => Span { trace, parent: Some(parent), kept, ..Span::of(name) },
            None => self.root(name),
        };
        attributes.record(&mut span);
        new.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(open) = context.span(id)
            && let Some(span) = open.extensions_mut().get_mut::<Span>()
        {
            values.record(span);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR
            && let Some(open) = context.event_span(event)
            && let Some(span) = open.extensions_mut().get_mut::<Span>()
        {
            span.failed = true;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(closed) = context.span(&id) else { return };
        if let Some(mut span) = closed.extensions_mut().remove::<Span>()
            && span.kept
        {
            span.end = Clock::unix_nanos();
            // A collector that is slow or away costs traces, not requests.
            let _ = self.queue.try_send(span);
        }
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness there is no server; an id of zeros is refused by collectors and hurts nobody.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn joined(traceparent: &str) -> (u128, Option<u64>, bool) {
        let mut span = Span::of("request");
        span.join(traceparent);
        (span.trace, span.parent, span.kept)
    }

    /// The caller says whether a trace is kept; one without ids is none.
    #[test]
    fn a_trace_is_joined_as_its_header_says() {
        let trace = u128::from_str_radix(TRACE, 16).unwrap();
        assert_eq!(
            joined(&format!("00-{TRACE}-b7ad6b7169203331-01")),
            (trace, Some(0xb7ad_6b71_6920_3331), true)
        );
        assert_eq!(
            joined(&format!("00-{TRACE}-b7ad6b7169203331-00")),
            (trace, Some(0xb7ad_6b71_6920_3331), false)
        );
        for wrong in [
            "",
            "canary",
            &format!("ff-{TRACE}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-0000000000000000-01"),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        ] {
            assert_eq!(joined(wrong), (0, None, false), "{wrong}");
        }
    }

    /// Of those that begin here a share is kept.
    #[test]
    fn a_share_of_traces_is_kept() {
        let kept = |percent| {
            let traces = Traces::new(tokio::sync::mpsc::channel(1).0, percent);
            (0..1_000).filter(|_| traces.root("request").kept).count()
        };
        assert_eq!((kept(0), kept(100)), (0, 1_000));
        assert!((300..700).contains(&kept(50)));
    }
}
