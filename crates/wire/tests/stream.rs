//! How a connection ends on a stream when the server is silent, rude or gone.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use sshwhy_wire::{End, KeySigner, LoginPlan, LoginReport, SignError, Step, login};

fn against(server: impl FnOnce(TcpStream) + Send + 'static) -> LoginReport {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (theirs, _) = listener.accept().unwrap();
    let handle = thread::spawn(move || server(theirs));
    let mut plan = LoginPlan::new(b"x", vec![Step::None]);
    plan.step_timeout = Duration::from_millis(200);
    let report = login(&mut stream, &plan);
    drop(stream);
    handle.join().unwrap();
    report
}

/// Reads until the client is gone.
fn linger(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_silent_server_is_left_in_time() {
    let began = Instant::now();
    let report = against(linger);
    assert_eq!(report.end, Some(End::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_server_that_trickles_is_left_in_time() {
    let began = Instant::now();
    let report = against(move |mut stream| {
        while stream.write_all(b"\n").is_ok() && began.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(report.end, Some(End::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_reason_before_the_identification_string_is_kept() {
    let report = against(|mut stream| {
        let _ = stream.write_all(b"Not allowed at this time\r\n");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        linger(stream);
    });
    assert_eq!(report.end, Some(End::Closed));
    assert_eq!(
        report.preamble().collect::<Vec<_>>(),
        [b"Not allowed at this time"]
    );
    assert!(report.steps.is_empty() && report.identification().is_none());
}

#[test]
fn a_server_gone_at_once_is_closed() {
    assert_eq!(against(drop).end, Some(End::Closed));
}

#[test]
fn text_that_is_no_private_key_is_a_format_error() {
    for text in [
        &b""[..],
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
        b"\xff\xfe",
    ] {
        assert!(matches!(
            KeySigner::from_openssh(text, None),
            Err(SignError::Format(_))
        ));
    }
}
