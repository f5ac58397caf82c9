//! Every message, whole, cut and changed.

use crate::harness::start;
use sshwhy_agent::constraint::{Constraint, Destination, Hop, HostKey};
use sshwhy_agent::extension::{self, SessionBind};
use sshwhy_agent::identity::Identity;
use sshwhy_agent::protocol::{Framer, framed};
use sshwhy_agent::{MAX_MESSAGE, Request, Response};
use zeroize::Zeroizing;

fn all_requests() -> Vec<Request> {
    let agent = start();
    let mut all = vec![
        Request::Protocol1Identities,
        Request::Identities,
        Request::Sign {
            blob: b"blob".to_vec(),
            data: b"data".to_vec(),
            flags: 4,
        },
        Request::Remove {
            blob: b"blob".to_vec(),
        },
        Request::RemoveAll,
        Request::Lock(Zeroizing::new(b"pass".to_vec())),
        Request::Unlock(Zeroizing::new(b"pass".to_vec())),
        Request::AddToken {
            provider: b"/lib/p.so".to_vec(),
            pin: Zeroizing::new(b"1234".to_vec()),
            constraints: vec![Constraint::Certificates {
                only: true,
                blobs: vec![b"one".to_vec(), b"two".to_vec()],
            }],
        },
        Request::RemoveToken {
            provider: b"/lib/p.so".to_vec(),
            pin: Zeroizing::new(b"1234".to_vec()),
        },
        SessionBind::of_nothing().request(),
        extension::plain_request(extension::QUERY),
        extension::string_request(extension::REENCRYPT, b"blob"),
        extension::add_encrypted_request(b"file", &[Constraint::Lifetime(7)]),
    ];
    for (kind, bits) in [
        ("ed25519", "256"),
        ("ecdsa", "256"),
        ("ecdsa", "384"),
        ("ecdsa", "521"),
        ("rsa", "2048"),
    ] {
        let data = std::fs::read(agent.key(kind, bits, "")).unwrap();
        let key = sshwhy_keyfile::read(&data).unwrap().unlock(None).unwrap();
        let host = HostKey {
            blob: key.public().blob().to_vec(),
            is_ca: true,
        };
        all.push(Request::Add {
            identity: Identity::Known(std::sync::Arc::new(key)),
            constraints: vec![
                Constraint::Lifetime(60),
                Constraint::Confirm,
                Constraint::Destinations(vec![Destination {
                    from: Hop::default(),
                    to: Hop {
                        user: b"alice".to_vec(),
                        host: b"host".to_vec(),
                        keys: vec![host],
                    },
                }]),
                Constraint::SkProvider(b"internal".to_vec()),
            ],
        });
    }
    all
}

#[test]
fn a_request_written_reads_back_as_it_was() {
    for request in all_requests() {
        let wire = request.write();
        let again = Request::parse(&wire).unwrap();
        assert_eq!(*again.write(), *wire);
    }
}

#[test]
fn a_request_cut_at_any_byte_is_an_error_with_a_place_inside_it() {
    for request in all_requests() {
        let wire = request.write();
        for cut in 0..wire.len() {
            let part = &wire[..cut];
            match Request::parse(part) {
                Err(e) => assert!(e.offset <= cut, "{e} of {cut}"),
                // What carries "the rest" or an optional field is whole at some cuts.
                Ok(short) => assert!(short.write().len() <= cut + 4),
            }
        }
    }
}

#[test]
fn bytes_behind_a_request_are_refused() {
    for request in all_requests() {
        let mut wire = request.write().to_vec();
        wire.push(0);
        match request {
            Request::Protocol1Identities | Request::Extension { .. } => {}
            _ => assert!(Request::parse(&wire).is_err()),
        }
    }
}

#[test]
fn a_changed_byte_never_panics() {
    for request in all_requests() {
        let wire = request.write().to_vec();
        for at in 0..wire.len().min(400) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = wire.clone();
                changed[at] = value;
                if let Ok(request) = Request::parse(&changed) {
                    let _ = request.write();
                }
                let _ = Response::parse(&changed);
            }
        }
    }
}

#[test]
fn responses_read_back_and_cut_ones_do_not() {
    let all = [
        Response::Success,
        Response::SuccessWith(b"data".to_vec()),
        Response::Failure,
        Response::ExtensionFailure,
        Response::Protocol1Identities,
        Response::Identities(vec![
            (b"a".to_vec(), b"one".to_vec()),
            (b"bb".to_vec(), Vec::new()),
        ]),
        Response::Signature(b"signature".to_vec()),
        extension::query_response(),
    ];
    for response in all {
        let wire = response.write();
        assert_eq!(Response::parse(&wire).unwrap(), response);
        for cut in 0..wire.len() {
            if let Ok(short) = Response::parse(&wire[..cut]) {
                assert!(short.write().len() <= cut + 4);
            }
        }
    }
    assert_eq!(
        extension::parse_query(&extension::query_response())
            .unwrap()
            .len(),
        extension::KNOWN.len()
    );
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let first = vec![7; 300];
    let second = vec![9];
    let mut wire = framed(&first).to_vec();
    wire.extend_from_slice(&framed(&second));
    for chunk in [1, 2, 3, 5, 299, 304, 305, wire.len()] {
        let mut framer = Framer::new();
        let mut got = Vec::new();
        for part in wire.chunks(chunk) {
            let mut input = part;
            while let Some(message) = framer.feed(&mut input).unwrap() {
                got.push(message.to_vec());
            }
        }
        assert_eq!(got, [first.clone(), second.clone()], "in chunks of {chunk}");
        assert!(!framer.is_within());
    }
}

#[test]
fn a_length_of_nothing_or_too_much_ends_the_stream() {
    for len in [0, u32::try_from(MAX_MESSAGE).unwrap() + 1, u32::MAX] {
        let bytes = len.to_be_bytes();
        assert!(Framer::new().feed(&mut &bytes[..]).is_err());
    }
    let most = u32::try_from(MAX_MESSAGE).unwrap().to_be_bytes();
    assert_eq!(Framer::new().feed(&mut &most[..]).unwrap(), None);
}
