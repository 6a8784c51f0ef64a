//! What the whole suite says of itself, where tests can read it: the log at its most talkative in both of its forms,
//! and a collector of traces on loopback. There is one log in a process, so that what is told of other tests stands
//! there as well; a trace is kept only where a request asks for it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

use hourbank::config::{Collector, LogLevel};
use hourbank::telemetry::{Exporter, Traces, lines, spans};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What the suite has said so far.
pub struct Told {
    pub json: Lines,
    pub text: Lines,
    pub spans: Spans,
}

/// Begins to listen, with the first test that asks.
pub fn told() -> &'static Told {
    static TOLD: OnceLock<Told> = OnceLock::new();
    TOLD.get_or_init(|| {
        let (spans_kept, traces) = collect();
        let told = Told { json: Lines::default(), text: Lines::default(), spans: spans_kept };
        let (json, text) = (told.json.clone(), told.text.clone());
        // What an answer hides is for whoever reads a failed test.
        let shown = tracing_subscriber::fmt::layer().with_test_writer().with_filter(LevelFilter::WARN);
        tracing_subscriber::registry()
            .with(lines(LogLevel::Debug, true, move || json.clone()))
            .with(lines(LogLevel::Debug, false, move || text.clone()))
            .with(spans(traces))
            .with(shown)
            .init();
        told
    })
}

/// A collector, and an exporter that sends to it, on a thread that outlives every test.
fn collect() -> (Spans, Traces) {
    let (ready, started) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let spans = Spans::start().await;
            let (traces, exporter) = Exporter::start(spans.address.clone(), 0);
            ready.send((spans, traces)).expect("waited for");
            std::future::pending::<()>().await;
            exporter.end().await;
        });
    });
    started.recv().expect("a collector")
}

/// Takes in what an exporter sends.
pub struct Spans {
    address: Collector,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Spans {
    /// Starts to listen.
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                let mut part = vec![0; 64 * 1024];
                loop {
                    let read = stream.read(&mut part).await.expect("read");
                    text += &String::from_utf8_lossy(&part[..read]);
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                    if read == 0 || length.and_then(|length| length.parse().ok()) == Some(body.len()) {
                        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
                        kept.lock().unwrap().push(body.to_owned());
                        break;
                    }
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.expect("written");
            }
        });
        Self { address: address.parse().expect("an address"), bodies }
    }

    /// All that was sent, as text.
    pub fn text(&self) -> String {
        self.bodies.lock().unwrap().join("\n")
    }

    /// The spans of a trace, once the request that it began with is among them; they are sent each second.
    pub async fn of(&self, trace: &str) -> Vec<Value> {
        for _ in 0..1_000 {
            let mut spans = self.all();
            spans.retain(|span| span["traceId"] == trace);
            if spans.iter().any(|span| span["name"] == "request") {
                return spans;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no request of trace {trace} was sent");
    }

    fn all(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        let read = |body: &String| serde_json::from_str::<Value>(body).expect("JSON");
        let spans = |body: Value| {
            body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans").clone()
        };
        bodies.iter().map(read).flat_map(spans).collect()
    }
}

/// Lines of the log.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).expect("UTF-8")
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
