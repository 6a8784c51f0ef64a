//! The text that Prometheus reads.

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering;

use super::{BOUNDS, Histogram};

/// A page in writing.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// Begins a family: its name, what kind of figure it is, what it tells.
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A family of one figure without labels.
    pub fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// One figure.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.labelled(name, "", labels, None);
        self.put(format_args!(" {value}\n"));
    }

    /// A histogram, in seconds.
    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let mut total = 0;
        for (at, bucket) in histogram.buckets.iter().enumerate() {
            total += bucket.load(Ordering::Relaxed);
            match BOUNDS.get(at) {
                Some(bound) => self.labelled(name, "_bucket", labels, Some(&seconds(*bound))),
                None => self.labelled(name, "_bucket", labels, Some(&"+Inf")),
            }
            self.put(format_args!(" {total}\n"));
        }
        self.labelled(name, "_sum", labels, None);
        self.put(format_args!(" {}\n", seconds(histogram.micros.load(Ordering::Relaxed))));
        self.labelled(name, "_count", labels, None);
        self.put(format_args!(" {total}\n"));
    }

    /// The page.
    pub fn into_text(self) -> String {
        self.text
    }

    fn labelled(&mut self, name: &str, suffix: &str, labels: &[(&str, &str)], bound: Option<&dyn Display>) {
        self.put(format_args!("{name}{suffix}"));
        let mut before = '{';
        for (label, value) in labels {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            self.put(format_args!("{before}{label}=\"{value}\""));
            before = ',';
        }
        if let Some(bound) = bound {
            self.put(format_args!("{before}le=\"{bound}\""));
            before = ',';
        }
        if before == ',' {
            self.text.push('}');
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes all that is written to it.
        let _ = self.text.write_fmt(text);
    }
}

fn seconds(micros: u64) -> f64 {
    // A figure for people and graphs: past 2^53 microseconds, 285 years, it is no longer exact.
    #[allow(clippy::cast_precision_loss)]
    let micros = micros as f64;
    micros / 1e6
}
