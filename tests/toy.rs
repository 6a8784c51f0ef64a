//! A small schema behind the real transports, and clients that speak to it byte by byte.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::{Context, Error, ErrorExtensions, Object, Result, Schema, SimpleObject, Subscription};
use futures_util::stream::{self, Stream, StreamExt};
use hourbank::app::App;
use hourbank::config::Config;
use hourbank::graphql::Request;
use hourbank::graphql::cost::Charge;
use hourbank::http::event::FreshRequest;
use hourbank::http::limits::Limits;
use hourbank::http::{Api, Setup, server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Default)]
pub struct Counter(pub AtomicI32);

pub struct Query;
pub struct Mutation;
pub struct Subscription_;

#[derive(SimpleObject)]
struct Client {
    id: i32,
}

#[derive(SimpleObject)]
struct ClientConnection {
    nodes: Vec<Client>,
}

struct Tree;

#[Object]
impl Tree {
    async fn tree(&self) -> Tree {
        Tree
    }
    async fn leaf(&self) -> i32 {
        1
    }
}

fn coded(code: &'static str) -> Error {
    Error::new(format!("this is {code}")).extend_with(|_, values| values.set("code", code))
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn number(&self, number: i32) -> i32 {
        number
    }
    async fn who(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let request = ctx.data_unchecked::<Request>();
        Some(match request.session.principal.as_str() {
            "anonymous" => Err(coded("UNAUTHENTICATED")),
            principal => Ok(principal.to_owned()),
        })
    }
    async fn bumps(&self, ctx: &Context<'_>) -> i32 {
        ctx.data_unchecked::<Arc<Counter>>().0.load(Ordering::SeqCst)
    }
    async fn remaining(&self, ctx: &Context<'_>) -> i32 {
        i32::try_from(ctx.data_unchecked::<Charge>().remaining).unwrap_or(0)
    }
    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        1
    }
    async fn panics(&self) -> i32 {
        if true {
            panic!("at the canary");
        }
        1
    }
    async fn fails(&self) -> Option<Result<i32>> {
        Some(Err(std::io::Error::other("canary in /etc/passwd").into()))
    }
    async fn prices(&self) -> Vec<Priced> {
        (0..40).map(|_| Priced).collect()
    }
    async fn clients(&self, first: Option<i32>) -> ClientConnection {
        ClientConnection { nodes: (0..first.unwrap_or(25)).map(|id| Client { id }).collect() }
    }
    async fn tree(&self) -> Tree {
        Tree
    }
}

struct Seen(usize);

#[Object]
impl Seen {
    async fn is_fresh(&self, ctx: &Context<'_>) -> bool {
        std::ptr::from_ref(ctx.data_unchecked::<Request>()).addr() != self.0
    }
}

struct Priced;

#[Object]
impl Priced {
    async fn price(&self) -> Option<Result<i32>> {
        Some(Err(coded("FORBIDDEN")))
    }
}

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>) -> i32 {
        ctx.data_unchecked::<Arc<Counter>>().0.fetch_add(1, Ordering::SeqCst) + 1
    }
    /// Bumps after half a second.
    async fn late_bump(&self, ctx: &Context<'_>) -> i32 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        ctx.data_unchecked::<Arc<Counter>>().0.fetch_add(1, Ordering::SeqCst) + 1
    }
    async fn sign_in(&self, password: String) -> bool {
        password == "right"
    }
}

#[Subscription(name = "Subscription")]
impl Subscription_ {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    /// A growing number every 20 ms, for ever, with so many bytes beside it.
    async fn ticks(&self, bytes: Option<i32>) -> impl Stream<Item = Tick> {
        let begin = tokio::time::Instant::now();
        let pad = "x".repeat(usize::try_from(bytes.unwrap_or(0)).unwrap_or(0));
        stream::unfold((), move |()| {
            let pad = pad.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let at = i32::try_from(begin.elapsed().as_millis()).unwrap_or(i32::MAX);
                Some((Tick { at, pad }, ()))
            }
        })
    }
    /// Events that know the request with which they were subscribed to.
    async fn requests(&self, ctx: &Context<'_>) -> impl Stream<Item = Seen> {
        let first = std::ptr::from_ref(ctx.data_unchecked::<Request>()).addr();
        stream::iter([Seen(first), Seen(first)])
    }
    async fn fails(&self) -> Result<impl Stream<Item = i32>> {
        if true { Err(coded("NOT_FOUND")) } else { Ok(stream::iter(0..1)) }
    }
    /// One number, then the right is lost.
    async fn loses(&self) -> impl Stream<Item = Result<i32>> {
        stream::iter([Ok(1), Err(coded("FORBIDDEN"))]).chain(stream::pending())
    }
}

#[derive(SimpleObject, Clone)]
struct Tick {
    at: i32,
    pad: String,
}

pub struct Toy {
    pub address: SocketAddr,
    pub app: Arc<App>,
    pub stop: watch::Sender<bool>,
    pub server: JoinHandle<()>,
}

pub async fn toy() -> Toy {
    toy_with(|_| {}, |_| {}).await
}

pub async fn toy_with(limit: impl FnOnce(&mut Limits), configure: impl FnOnce(&mut Config)) -> Toy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    toy_on(listener, limit, configure).await
}

pub async fn toy_on(
    listener: TcpListener,
    limit: impl FnOnce(&mut Limits),
    configure: impl FnOnce(&mut Config),
) -> Toy {
    let address = listener.local_addr().expect("bound");
    let mut config = Config {
        listen: address,
        origins: vec!["https://app.example.com".into()],
        proxies: Vec::new(),
        graphiql: true,
        introspection: true,
        url: format!("http://{address}"),
        documents: None,
    };
    configure(&mut config);
    let db = sea_orm::Database::connect("sqlite::memory:").await.expect("a database");
    let app = Arc::new(App { config, db, gone: Mutex::new(HashSet::new()) });
    let (stop, stopping) = watch::channel(false);
    let mut limits = Limits::default();
    limit(&mut limits);
    let counter = Arc::new(Counter::default());
    let schema = Schema::build(Query, Mutation, Subscription_).data(counter).disable_suggestions().finish();
    let live = Schema::build(Query, Mutation, Subscription_).extension(FreshRequest).finish();
    let introspection =
        Schema::build(Query, Mutation, Subscription_).introspection_only().limit_depth(16).finish();
    let setup = Setup {
        introspection: app.config.introspection.then(|| Arc::new(introspection) as _),
        engine: Arc::new(schema),
        live: Arc::new(live),
        app: app.clone(),
        limits,
        stopping,
        examples: vec![hourbank::http::graphiql::Example {
            title: "Live".into(),
            query: "subscription Live { ticks { at } }".into(),
            variables: json!({}),
            token: Some("user:1".into()),
        }],
    };
    let api = Api::new(setup).expect("a schema");
    let server = tokio::spawn(server::serve(listener, api));
    Toy { address, app, stop, server }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        let find = |line: &&str| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name));
        self.head.lines().find(find).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }
}

impl Toy {
    /// Sends bytes and reads until the server closes.
    pub async fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(bytes).await.expect("written");
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Reply { status, head: head.into(), body: body.into() }
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        self.raw(format!("{text}\r\n{body}").as_bytes()).await
    }

    pub async fn post(&self, body: &Value) -> Reply {
        self.post_as("user:1", body).await
    }

    pub async fn post_as(&self, token: &str, body: &Value) -> Reply {
        let token = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("accept", "*/*"), ("authorization", &token)];
        self.send("POST", "/graphql", &headers, &body.to_string()).await
    }

    pub async fn query(&self, query: &str) -> Reply {
        self.post(&json!({"query": query})).await
    }
}
