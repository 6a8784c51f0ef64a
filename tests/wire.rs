//! A client of the socket that can also break its rules.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::toy::Toy;

pub struct Wire(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Wire {
    pub async fn open(toy: &Toy, headers: &[(&str, &str)]) -> Result<Self, String> {
        Self::open_as(toy, headers, Some("graphql-transport-ws")).await
    }

    pub async fn open_as(
        toy: &Toy,
        headers: &[(&str, &str)],
        protocol: Option<&str>,
    ) -> Result<Self, String> {
        let mut request =
            format!("ws://{}/graphql/ws", toy.address).into_client_request().expect("a request");
        let protocol = protocol.map(|protocol| ("sec-websocket-protocol", protocol));
        for (name, value) in protocol.iter().chain(headers) {
            let name: HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A socket past its ack.
    pub async fn ready(toy: &Toy, token: &str) -> Self {
        let mut wire = Self::open(toy, &[]).await.expect("connected");
        wire.send(
            &json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}}),
        )
        .await;
        assert_eq!(wire.message().await["type"], "connection_ack");
        wire
    }

    pub async fn send(&mut self, message: &Value) {
        self.text(&message.to_string()).await;
    }

    /// Sends what may come too late: a server that has closed says so when asked.
    pub async fn text(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    pub async fn message(&mut self) -> Value {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.expect("in time");
            if let Message::Text(text) = next.expect("open").expect("a message") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// The code with which the server closes; whatever comes before is passed over.
    pub async fn closed(&mut self) -> Option<u16> {
        let find = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|frame| frame.code.into());
                }
            }
            None
        };
        tokio::time::timeout(Duration::from_secs(10), find).await.ok().flatten()
    }
}

impl Toy {
    /// A socket on which nobody reads: the bare stream behind a handshake and an init.
    pub async fn handshake(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        let head = "GET /graphql/ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                    sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("written");
        self.frame(&mut stream, r#"{"type":"connection_init"}"#).await;
        let mut answer = [0; 64];
        let _ = stream.read(&mut answer).await.expect("an answer");
        stream
    }

    /// Writes a short text frame, masked with zeros.
    pub async fn frame(&self, stream: &mut TcpStream, text: &str) {
        let length = u8::try_from(text.len()).expect("short");
        assert!(length < 126);
        let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        stream.write_all(&frame).await.expect("written");
    }
}
