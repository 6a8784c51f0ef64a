//! One connection that stays open, as a client of the API keeps it, and whose end is an answer like any other.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than the server gives any operation.
const PATIENCE: Duration = Duration::from_secs(15);

/// A client with a token, or without.
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

impl Client {
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self { address, token: token.map(str::to_owned), stream: None }
    }

    /// Sends a GraphQL operation.
    ///
    /// # Errors
    /// The connection ended or the answer did not come: what became of the operation is unknown.
    pub async fn post(&mut self, document: &str, variables: &Value) -> Result<Value, String> {
        let body = serde_json::json!({"query": document, "variables": variables}).to_string();
        let reply = self.send("POST", "/graphql", &body).await?;
        serde_json::from_str(&reply.body).map_err(|error| format!("{error}: {reply:?}"))
    }

    /// Fetches a page.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub async fn get(&mut self, target: &str) -> Result<Reply, String> {
        self.send("GET", target, "").await
    }

    async fn send(&mut self, method: &str, target: &str, body: &str) -> Result<Reply, String> {
        let bearer =
            self.token.as_ref().map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let text = format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\n{bearer}accept: */*\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        // Taken: a connection that failed is not used again.
        let stream = self.stream.take();
        match timeout(PATIENCE, exchange(self.address, stream, &text)).await {
            Err(_) => Err("no answer in time".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok((reply, stream))) => {
                self.stream = Some(stream);
                Ok(reply)
            }
        }
    }
}

async fn exchange(
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    text: &str,
) -> std::io::Result<(Reply, BufReader<TcpStream>)> {
    let mut stream = match stream {
        Some(stream) => stream,
        None => BufReader::new(TcpStream::connect(address).await?),
    };
    stream.write_all(text.as_bytes()).await?;
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            status = rest.get(..3).and_then(|status| status.parse().ok()).unwrap_or(0);
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((Reply { status, body: String::from_utf8_lossy(&body).into_owned() }, stream))
}
