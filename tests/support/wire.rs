//! A client of the socket that can also break its rules.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A socket.
pub struct Wire(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Wire {
    /// Shakes hands with further headers; the error says why that failed.
    pub async fn open(address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, String> {
        Self::open_as(address, headers, Some("graphql-transport-ws")).await
    }

    /// Shakes hands with any sub-protocol or none.
    pub async fn open_as(
        address: SocketAddr,
        headers: &[(&str, &str)],
        protocol: Option<&str>,
    ) -> Result<Self, String> {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().expect("a request");
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

    /// A socket past its ack, of the bearer of a token or of nobody.
    pub async fn ready(address: SocketAddr, token: Option<&str>) -> Self {
        let mut wire = Self::greeting(address, token).await;
        assert_eq!(wire.message().await["type"], "connection_ack");
        wire
    }

    /// A socket whose greeting is sent but not yet answered.
    pub async fn greeting(address: SocketAddr, token: Option<&str>) -> Self {
        let mut wire = Self::open(address, &[]).await.expect("connected");
        let payload = token.map_or(json!({}), |token| json!({"Authorization": format!("Bearer {token}")}));
        wire.send(&json!({"type": "connection_init", "payload": payload})).await;
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
        self.subscribe_with(id, query, json!({})).await;
    }

    pub async fn subscribe_with(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.send(&json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    /// The next answer of an operation; other operations' and pings are passed over.
    pub async fn next(&mut self, id: &str) -> Value {
        loop {
            let message = self.message().await;
            if message["id"] == id {
                assert_eq!(message["type"], "next", "{message}");
                return message["payload"].clone();
            }
        }
    }

    /// Whatever message comes next, within ten seconds.
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

/// A socket on which nobody reads: the bare stream behind a handshake and an init.
pub async fn unread(address: SocketAddr) -> TcpStream {
    greeted(TcpStream::connect(address).await.expect("connected")).await
}

/// The same, and the kernel keeps hardly anything for who does not read.
pub async fn unread_and_unbuffered(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(1024).expect("a small buffer");
    greeted(socket.connect(address).await.expect("connected")).await
}

async fn greeted(mut stream: TcpStream) -> TcpStream {
    let head = "GET /graphql/ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                    sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    frame(&mut stream, r#"{"type":"connection_init"}"#).await;
    let mut answer = [0; 64];
    let _ = stream.read(&mut answer).await.expect("an answer");
    stream
}

/// Writes a short text frame, masked with zeros.
pub async fn frame(stream: &mut TcpStream, text: &str) {
    let length = u8::try_from(text.len()).expect("short");
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    stream.write_all(&frame).await.expect("written");
}
