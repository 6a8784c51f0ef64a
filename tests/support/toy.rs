//! A small schema behind the real transports and the real sessions: for what the protocols promise of any schema.
//!
//! Its fields do what a real one must not: wait, panic, fail, never end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use async_graphql::{Context, Error, ErrorExtensions, Object, Result, Schema, SimpleObject, Subscription};
use domain::user::Role;
use futures_util::stream::{self, Stream, StreamExt};
use hourbank::config::Config;
use hourbank::graphql::call;
use hourbank::graphql::cost::Charge;
use hourbank::http::limits::Limits;
use hourbank::http::{Api, Setup, server};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::actor::Actor;
use super::app::TestApp;
use super::http::{self, Reply};
use super::wire::Wire;

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
        Some(match call(ctx).principal() {
            nobody if nobody == "anonymous" => Err(coded("UNAUTHENTICATED")),
            principal => Ok(principal),
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
    async fn fails(&self) -> Result<impl Stream<Item = i32>> {
        if true { Err(coded("NOT_FOUND")) } else { Ok(stream::iter(0..1)) }
    }
    /// One number, then the right is lost.
    async fn loses(&self) -> impl Stream<Item = Result<i32>> {
        stream::iter([Ok(1), Err(coded("FORBIDDEN"))]).chain(stream::pending())
    }
    /// A whole event, then one of which a part cannot be had, then none for long.
    async fn gaps(&self) -> impl Stream<Item = Gap> {
        let later = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Gap(true)
        };
        stream::iter([Gap(false)]).chain(stream::once(later)).chain(stream::pending())
    }
}

struct Gap(bool);

#[Object]
impl Gap {
    async fn part(&self) -> Option<Result<i32>> {
        Some(if self.0 { Err(coded("UNAVAILABLE")) } else { Ok(1) })
    }
}

#[derive(SimpleObject, Clone)]
struct Tick {
    at: i32,
    pad: String,
}

/// The toy on its port, and someone who is signed in.
pub struct Toy {
    pub address: SocketAddr,
    pub app: TestApp,
    pub user: Actor,
    pub token: String,
    pub stop: watch::Sender<bool>,
    pub server: JoinHandle<()>,
}

pub async fn toy() -> Toy {
    toy_with(|_| {}, |_| {}).await
}

/// With other bounds and settings.
pub async fn toy_with(limit: impl FnOnce(&mut Limits), configure: impl FnOnce(&mut Config)) -> Toy {
    start(limit, configure, None).await
}

/// With a list of the only documents.
pub async fn toy_listing(documents: &[&str]) -> Toy {
    let documents = documents.iter().map(|&text| text.to_owned()).collect();
    start(|_| {}, |_| {}, Some(documents)).await
}

async fn start(
    limit: impl FnOnce(&mut Limits),
    configure: impl FnOnce(&mut Config),
    documents: Option<Vec<String>>,
) -> Toy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let app = TestApp::start_with(|config| {
        config.origins = vec!["https://app.example.com".into()];
        config.graphiql = true;
        config.introspection = true;
        configure(config);
    })
    .await;
    let user = app.staff(Role::Specialist).await;
    let (stop, stopping) = watch::channel(false);
    let mut limits = Limits::default();
    limit(&mut limits);
    let counter = Arc::new(Counter::default());
    let schema = Schema::build(Query, Mutation, Subscription_).data(counter).disable_suggestions().finish();
    let introspection =
        Schema::build(Query, Mutation, Subscription_).introspection_only().limit_depth(16).finish();
    let setup = Setup {
        introspection: app.app.config.introspection.then(|| Arc::new(introspection) as _),
        engine: Arc::new(schema),
        app: app.app.clone(),
        address,
        documents,
        limits,
        stopping,
        examples: Vec::new(),
    };
    let api = Api::new(setup).expect("a schema");
    let server = tokio::spawn(server::serve(listener, api));
    Toy { address, token: user.token.clone().expect("signed in"), user, app, stop, server }
}

impl Drop for Toy {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        self.server.abort();
    }
}

impl Toy {
    /// The token of someone else who is signed in.
    pub async fn other(&self) -> String {
        self.app.staff(Role::Specialist).await.token.expect("signed in")
    }

    pub async fn raw(&self, bytes: &[u8]) -> Reply {
        http::raw(self.address, bytes).await
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        http::send(self.address, method, target, headers, body).await
    }

    pub async fn post(&self, body: &Value) -> Reply {
        self.post_as(&self.token, body).await
    }

    pub async fn post_as(&self, token: &str, body: &Value) -> Reply {
        http::post(self.address, Some(token), body).await
    }

    pub async fn query(&self, query: &str) -> Reply {
        self.post(&json!({"query": query})).await
    }

    /// A socket of the user, past its ack.
    pub async fn socket(&self) -> Wire {
        Wire::ready(self.address, Some(&self.token)).await
    }

    /// How often the counter was bumped.
    pub async fn bumps(&self) -> i64 {
        self.query("{ bumps }").await.json()["data"]["bumps"].as_i64().expect("a number")
    }

    /// The process lives and answers within a quarter of a second; of three tries, since other tests run beside this.
    pub async fn canary(&self) {
        let mut took = Vec::new();
        for _ in 0..3 {
            let begin = Instant::now();
            assert_eq!(self.query("{ hello }").await.json()["data"]["hello"], "world");
            took.push(begin.elapsed());
            if begin.elapsed() < Duration::from_millis(250) {
                return;
            }
        }
        panic!("too slow: {took:?}");
    }
}
