//! One kept-open HTTP connection that asks GraphQL and waits for the answer.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Outcome;

/// A connection, opened when it is first used.
pub struct Connection {
    port: u16,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn new(port: u16) -> Self {
        Self { port, stream: None, buffer: Vec::new() }
    }

    /// The `data` of an operation.
    ///
    /// # Errors
    /// Any error in the answer; a connection lost.
    pub async fn ask(&mut self, token: &str, query: &str, variables: Value) -> Outcome<Value> {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(TcpStream::connect(("127.0.0.1", self.port)).await?),
        };
        stream.set_nodelay(true)?;
        stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let answer = loop {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                self.stream = None;
                return Err("the connection was closed".into());
            }
            if let Some(body) = whole_body(&self.buffer) {
                break serde_json::from_slice::<Value>(body)?;
            }
        };
        match answer.get("errors") {
            None => Ok(answer["data"].clone()),
            Some(errors) => Err(errors.to_string().into()),
        }
    }
}

/// The body of an answer, once it is whole.
fn whole_body(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
    let length: usize = head.split("content-length:").nth(1)?.lines().next()?.trim().parse().ok()?;
    answer.get(end..end + length)
}
