//! HTTP for one page on one machine.

use std::borrow::Cow;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::HANDED;

/// A file as it is sent.
pub(super) struct File {
    /// Its media type.
    pub(super) kind: String,
    pub(super) bytes: Cow<'static, [u8]>,
}

/// What there is to serve.
#[derive(Clone)]
pub(super) struct Served {
    /// The files of the page, by path.
    pub(super) page: fn(&str) -> Option<File>,
    /// The plan of the command line.
    pub(super) plan: Option<String>,
    /// The port listened on.
    pub(super) port: u16,
}

/// Answers until Ctrl-C.
///
/// # Errors
/// What the system says of the socket.
pub(super) fn run(listener: TcpListener, served: Served) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let routes = Router::new().fallback_service(get(answer).with_state(Arc::new(served)));
        let end = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
        axum::serve(listener, routes).with_graceful_shutdown(end).await
    })
}

/// A page of another site may make a browser ask here under that site's name: only our own names are
/// answered (<https://en.wikipedia.org/wiki/DNS_rebinding>).
fn is_for_us(headers: &HeaderMap, port: u16) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| {
        host == format!("127.0.0.1:{port}") || host == format!("localhost:{port}")
    })
}

async fn answer(State(served): State<Arc<Served>>, headers: HeaderMap, uri: Uri) -> Response {
    if !is_for_us(&headers, served.port) {
        return (StatusCode::FORBIDDEN, "this address is for this machine alone\n").into_response();
    }
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let file = if path == HANDED {
        let bytes = served.plan.clone().map(String::into_bytes);
        bytes.map(|bytes| File { kind: "application/json".to_owned(), bytes: bytes.into() })
    } else {
        (served.page)(path)
    };
    let Some(File { kind, bytes }) = file else {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, bytes.into_owned()).into_response()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
