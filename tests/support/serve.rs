//! Where the fakes listen: a port of loopback, and a thread that lives as long as the suite.

use axum::Router;
use std::net::{SocketAddr, TcpListener};

/// A port of its own to listen at, and where that is.
pub fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let at = listener.local_addr().unwrap();
    (listener, at)
}

/// A port at which nobody listens, for a program that is told where.
pub fn free_port() -> u16 {
    bind().1.port()
}

/// Answers there by `app` from now on.
pub fn serve(listener: TcpListener, app: Router) {
    in_thread(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app).await.unwrap();
    });
}

/// Does it in a thread of its own.
pub fn in_thread(work: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(work);
    });
}
