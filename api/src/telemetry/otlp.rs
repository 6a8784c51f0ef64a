//! Traces on their way to a collector: OTLP over HTTP, as JSON, in batches, off the path of requests.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::trace::{Span, Traces};
use crate::config::Collector;

/// Spans that wait; more are lost.
const WAITING: usize = 8_192;
/// Spans in a request.
const BATCH: usize = 512;
/// Between two looks at what waits.
const EVERY: Duration = Duration::from_secs(1);
/// For the collector to take a batch, and for the last ones to leave.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two complaints.
const COMPLAINT: Duration = Duration::from_secs(60);

/// The task that sends.
pub struct Exporter {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Exporter {
    /// Starts to send, and gives what takes in spans for it.
    pub fn start(collector: Collector, percent: u8) -> (Traces, Self) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(collector, waiting, stopped));
        (Traces::new(queue, percent), Self { stop, task })
    }

    /// Sends what is left.
    pub async fn end(self) {
        // A task that is gone already has nothing left.
        let _ = self.stop.send(());
        let _ = timeout(PATIENCE, self.task).await;
    }
}

async fn run(collector: Collector, mut waiting: mpsc::Receiver<Span>, mut stopped: oneshot::Receiver<()>) {
    let instance = Uuid::new_v4().to_string();
    let mut timer = interval(EVERY);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complained: Option<Instant> = None;
    let mut is_last = false;
    while !is_last {
        tokio::select! {
            _ = timer.tick() => {}
            _ = &mut stopped => is_last = true,
        }
        loop {
            let batch: Vec<Span> = std::iter::from_fn(|| waiting.try_recv().ok()).take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let body = request(&batch, &instance).to_string();
            let sent = timeout(PATIENCE, post(&collector, &body))
                .await
                .unwrap_or(Err(io::ErrorKind::TimedOut.into()));
            if let Err(error) = sent {
                if complained.is_none_or(|at| at.elapsed() > COMPLAINT) {
                    tracing::warn!(%error, "traces could not be sent; those are lost");
                    complained = Some(Instant::now());
                }
                break;
            }
        }
    }
}

/// Sends one batch on a connection of its own.
async fn post(collector: &Collector, body: &str) -> io::Result<()> {
    let host = &collector.authority;
    let mut stream = TcpStream::connect(host).await?;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(4_096).read_to_end(&mut answer).await?;
    match answer.get(..12) {
        Some(status) if status.starts_with(b"HTTP/1.") && status[9] == b'2' => Ok(()),
        _ => Err(io::Error::other("the collector refused them")),
    }
}

/// The protocol's `ExportTraceServiceRequest`, in its JSON form: ids in hexadecimal, times as texts.
fn request(spans: &[Span], instance: &str) -> Value {
    let value = |(key, value): (&str, &str)| json!({"key": key, "value": {"stringValue": value}});
    let resource = [
        ("service.name", "hourbank"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("service.instance.id", instance),
    ];
    let spans: Vec<Value> = spans
        .iter()
        .map(|span| {
            let values = span.values.iter().map(|(key, text)| value((key, text))).collect::<Vec<_>>();
            json!({
                "traceId": format!("{:032x}", span.trace),
                "spanId": format!("{:016x}", span.id),
                "parentSpanId": span.parent.map(|parent| format!("{parent:016x}")).unwrap_or_default(),
                "name": span.name,
                // What serves somebody, and what is within.
                "kind": if span.name == "request" { 2 } else { 1 },
                "startTimeUnixNano": span.begin.to_string(),
                "endTimeUnixNano": span.end.to_string(),
                "attributes": values,
                "status": if span.failed { json!({"code": 2}) } else { json!({}) },
            })
        })
        .collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource.map(value)},
        "scopeSpans": [{"scope": {"name": "hourbank"}, "spans": spans}],
    }]})
}
