//! Our client's transport and our server's, against each other in memory: every algorithm, and a
//! client that does not keep to the protocol.
#![allow(missing_docs)]

use std::sync::Arc;

use sshwhy_wire::auth;
use sshwhy_wire::data::{Reader, msg, put_string};
use sshwhy_wire::event::Event;
use sshwhy_wire::kex::{KexInit, default_offer};
use sshwhy_wire::request::{Asked, Request};
use sshwhy_wire::server::{REKEY_AFTER, ServerConfig, ServerEvent, ServerKey, ServerTransport};
use sshwhy_wire::{KeySigner, Signer, Transport, TransportConfig, TransportError};

const MARKERS: &str = ",ext-info-s,kex-strict-s-v00@openssh.com";

struct Host {
    signer: KeySigner,
    algorithm: &'static [u8],
}

fn host() -> Host {
    let key = ssh_key::private::Ed25519Keypair::from_seed(&[7; 32]).into();
    Host {
        signer: KeySigner::from_key(&key).unwrap(),
        algorithm: b"ssh-ed25519",
    }
}

fn config(host: &Host, kex: &str, cipher: &str, mac: &str) -> Arc<ServerConfig> {
    let (cipher, mac) = (cipher.as_bytes().to_vec(), mac.as_bytes().to_vec());
    Arc::new(ServerConfig {
        identification: b"SSH-2.0-server".to_vec(),
        offer: KexInit {
            kex: format!("{kex}{MARKERS}").into_bytes(),
            cipher_out: cipher.clone(),
            cipher_in: cipher,
            mac_out: mac.clone(),
            mac_in: mac,
            compression_out: b"none".to_vec(),
            compression_in: b"none".to_vec(),
            ..KexInit::default()
        },
        host_keys: vec![ServerKey {
            blob: host.signer.public_blob(),
            algorithms: vec![host.algorithm.to_vec()],
        }],
        extensions: vec![(b"server-sig-algs".to_vec(), b"ssh-ed25519".to_vec())],
        rekey_after: REKEY_AFTER,
    })
}

/// Carries bytes both ways until nobody has any, and signs what is to be signed.
fn carry(
    client: &mut Transport,
    server: &mut ServerTransport,
    host: &Host,
) -> (Vec<Event>, Vec<ServerEvent>) {
    let (mut heard, mut served) = (Vec::new(), Vec::new());
    loop {
        let (up, down) = (client.take_output(), server.take_output());
        if up.is_empty() && down.is_empty() {
            return (heard, served);
        }
        let _ = server.feed(&up);
        while let Some(event) = server.next_event() {
            if let ServerEvent::Sign {
                algorithm, hash, ..
            } = &event
            {
                let made = host.signer.sign(algorithm, hash).unwrap();
                server.sign(&made).unwrap();
            }
            served.push(event);
        }
        let _ = client.feed(&down);
        heard.extend(std::iter::from_fn(|| client.next_event()));
    }
}

fn opened(kex: &str, cipher: &str, mac: &str) -> (Transport, ServerTransport, Host) {
    let host = host();
    let mut client = Transport::new(TransportConfig::default()).unwrap();
    let mut server = ServerTransport::new(config(&host, kex, cipher, mac)).unwrap();
    let (heard, served) = carry(&mut client, &mut server, &host);
    assert!(
        client.is_open(),
        "{kex} {cipher} {mac}: {:?}",
        client.error()
    );
    assert!(served.contains(&ServerEvent::Open), "{kex} {cipher} {mac}");
    assert_eq!(client.session_id(), Some(server.session_id()));
    assert_eq!(client.host_key(), Some(server.host_key()));
    let told = heard.iter().any(
        |e| matches!(e, Event::ExtInfo(all) if all.iter().any(|x| x.name == b"server-sig-algs")),
    );
    assert!(told, "{kex} {cipher} {mac}: no EXT_INFO");
    (client, server, host)
}

#[test]
fn every_algorithm_of_the_client_is_spoken_by_the_server() {
    let offer = default_offer();
    let list = |names: &[u8]| -> Vec<String> {
        let names = String::from_utf8(names.to_vec()).unwrap();
        names
            .split(',')
            .filter(|n| !n.starts_with("ext-") && !n.starts_with("kex-"))
            .map(str::to_owned)
            .collect()
    };
    let (exchanges, ciphers, macs) = (
        list(&offer.kex),
        list(&offer.cipher_out),
        list(&offer.mac_out),
    );
    assert!(exchanges.iter().any(|k| k == "mlkem768x25519-sha256"));
    let mut seen = 0;
    for kex in &exchanges {
        for cipher in &ciphers {
            for mac in &macs {
                let (mut client, mut server, host) = opened(kex, cipher, mac);
                client.send(&auth::service_request()).unwrap();
                client.send(&auth::none(b"somebody")).unwrap();
                let (_, served) = carry(&mut client, &mut server, &host);
                let users: Vec<Vec<u8>> = served
                    .iter()
                    .filter_map(|e| match e {
                        ServerEvent::Message(m) => Request::parse(m).map(|r| r.user.to_vec()),
                        _ => None,
                    })
                    .collect();
                assert_eq!(users, [b"somebody"], "{kex} {cipher} {mac}");
                server
                    .send(&[msg::USERAUTH_FAILURE, 0, 0, 0, 0, 0])
                    .unwrap();
                let (heard, _) = carry(&mut client, &mut server, &host);
                assert!(matches!(heard[..], [Event::Message(_)]), "{heard:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, exchanges.len() * ciphers.len() * macs.len());
}

#[test]
fn a_signed_request_covers_what_was_signed() {
    let (mut client, mut server, host) = opened(
        "curve25519-sha256",
        "aes128-gcm@openssh.com",
        "hmac-sha2-256",
    );
    let key = KeySigner::from_key(&ssh_key::private::Ed25519Keypair::from_seed(&[9; 32]).into());
    let key = key.unwrap();
    let mut request = vec![msg::USERAUTH_REQUEST];
    for word in [&b"somebody"[..], b"ssh-connection", b"publickey"] {
        put_string(&mut request, word);
    }
    request.push(1);
    put_string(&mut request, b"ssh-ed25519");
    put_string(&mut request, &key.public_blob());
    let mut data = Vec::new();
    put_string(&mut data, client.session_id().unwrap());
    data.extend_from_slice(&request);
    put_string(&mut request, &key.sign(b"ssh-ed25519", &data).unwrap());
    client.send(&request).unwrap();
    let (_, served) = carry(&mut client, &mut server, &host);
    let [ServerEvent::Message(message)] = &served[..] else {
        panic!("{served:?}");
    };
    let read = Request::parse(message).unwrap();
    let Asked::PublicKey(asked) = read.method else {
        panic!("{read:?}");
    };
    assert_eq!(asked.signed_data(server.session_id()), data);
    // One byte too many, or too few, is no request.
    for cut in 0..message.len() {
        assert_eq!(Request::parse(&message[..cut]), None, "{cut}");
    }
    assert_eq!(Request::parse(&[message, &[0][..]].concat()), None);
}

/// What our server does with these bytes after its start.
fn fed(bytes: &[u8]) -> (ServerTransport, Result<(), TransportError>) {
    let host = host();
    let config = config(&host, "curve25519-sha256", "aes128-ctr", "hmac-sha2-256");
    let mut server = ServerTransport::new(config).unwrap();
    server.take_output();
    let result = server.feed(bytes);
    (server, result)
}

fn packet(payload: &[u8]) -> Vec<u8> {
    let pad = 8 - (payload.len() + 5) % 8 + 8;
    let mut out = u32::try_from(payload.len() + pad + 1)
        .unwrap()
        .to_be_bytes()
        .to_vec();
    out.push(u8::try_from(pad).unwrap());
    out.extend_from_slice(payload);
    out.extend(std::iter::repeat_n(0, pad));
    out
}

#[test]
fn what_is_not_ssh_ends_at_its_first_bytes() {
    for bytes in [
        &b"GET / HTTP/1.0\r\n\r\n"[..],
        b"\x16\x03\x01",
        b"SSH-1.5-old\r\n",
        b"X",
        b"SSH-2.1-\n",
        &[b'S'; 3000],
    ] {
        assert!(fed(bytes).1.is_err(), "{}", bytes.escape_ascii());
    }
    let long = [&b"SSH-2.0-"[..], &[b'a'; 2000]].concat();
    assert_eq!(fed(&long).1, Err(TransportError::PreambleTooLong));
    assert_eq!(fed(b"SSH-2.0-wait").1, Ok(()));
}

#[test]
fn nothing_but_the_key_exchange_comes_before_the_keys() {
    let client = KexInit {
        kex: b"curve25519-sha256,kex-strict-c-v00@openssh.com".to_vec(),
        host_key: b"ssh-ed25519".to_vec(),
        cipher_out: b"aes128-ctr".to_vec(),
        cipher_in: b"aes128-ctr".to_vec(),
        mac_out: b"hmac-sha2-256".to_vec(),
        mac_in: b"hmac-sha2-256".to_vec(),
        compression_out: b"none".to_vec(),
        compression_in: b"none".to_vec(),
        ..KexInit::default()
    };
    let start = [
        b"SSH-2.0-client\r\n".to_vec(),
        packet(&client.to_payload(&[1; 16])),
    ]
    .concat();
    assert_eq!(fed(&start).1, Ok(()));
    for number in 0..=255u8 {
        let body = [&[number][..], &[0; 40]].concat();
        let (mut server, result) = fed(&[start.clone(), packet(&body)].concat());
        let ended = result.is_err() || server.is_disconnected();
        assert!(ended, "message {number} was taken");
        while let Some(event) = server.next_event() {
            assert!(!matches!(event, ServerEvent::Message(_)), "{number}");
        }
    }
    // Strict: nothing before the KEXINIT either.
    let ignored = [
        b"SSH-2.0-client\r\n".to_vec(),
        packet(&[msg::IGNORE, 0, 0, 0, 0]),
        packet(&client.to_payload(&[1; 16])),
    ]
    .concat();
    assert_eq!(fed(&ignored).1, Err(TransportError::StrictKex));
}

#[test]
fn packets_of_every_wrong_length_end_the_connection_with_and_without_keys() {
    let right = |n: u32| (5..=262_144).contains(&n) && (n + 4).is_multiple_of(8);
    for length in (0..4096u32).chain([35_001, 262_145, 1 << 20, 1 << 31, u32::MAX]) {
        let bytes = [
            b"SSH-2.0-client\r\n".to_vec(),
            length.to_be_bytes().to_vec(),
            vec![4; 64],
        ]
        .concat();
        let result = fed(&bytes).1;
        if !right(length) {
            assert!(result.is_err(), "{length} was waited for");
        }
    }
    for cipher in [
        "aes128-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
        "aes256-ctr",
    ] {
        for length in (0..512u32).chain([262_145, 1 << 24, u32::MAX]) {
            let mac = "hmac-sha2-256-etm@openssh.com";
            let (_, mut server, _) = opened("curve25519-sha256", cipher, mac);
            let bytes = [length.to_be_bytes().to_vec(), vec![9; 2048]].concat();
            assert!(server.feed(&bytes).is_err(), "{cipher} {length}");
            assert!(server.next_event().is_none(), "{cipher} {length}");
        }
    }
}

#[test]
fn a_wrong_guess_is_passed_over_and_a_right_one_is_taken() {
    let host = host();
    // The guess is of whatever method: a message of group exchange has another number.
    for (first, guess) in [
        ("ecdh-sha2-nistp256", Some(msg::KEX_ECDH_INIT)),
        ("diffie-hellman-group-exchange-sha256", Some(34)),
        ("curve25519-sha256", None),
    ] {
        let mut offer = default_offer();
        offer.kex = format!("{first},curve25519-sha256").into_bytes();
        offer.host_key = b"ssh-ed25519".to_vec();
        offer.first_kex_packet_follows = true;
        let mut client = Transport::new(TransportConfig {
            offer,
            ..TransportConfig::default()
        })
        .unwrap();
        let mut server = ServerTransport::new(config(
            &host,
            "curve25519-sha256",
            "aes128-gcm@openssh.com",
            "hmac-sha2-256",
        ))
        .unwrap();
        server.feed(&client.take_output()).unwrap();
        if let Some(number) = guess {
            // The server must not look at it.
            let mut guess = vec![number];
            put_string(&mut guess, &[4; 65]);
            server.feed(&packet(&guess)).unwrap();
            assert!(server.next_event().is_some());
            assert!(
                std::iter::from_fn(|| server.next_event())
                    .all(|e| !matches!(e, ServerEvent::Sign { .. }))
            );
            continue;
        }
        carry(&mut client, &mut server, &host);
        assert!(client.is_open());
    }
}

#[test]
fn a_share_that_is_no_point_ends_the_connection() {
    let offer = default_offer();
    for (kex, length) in [
        ("curve25519-sha256", 32),
        ("mlkem768x25519-sha256", 1216),
        ("ecdh-sha2-nistp256", 65),
    ] {
        for length in [0, 1, length - 1, length, length + 1] {
            let host = host();
            let config = config(&host, kex, "aes128-gcm@openssh.com", "hmac-sha2-256");
            let mut server = ServerTransport::new(config).unwrap();
            let mut share = vec![msg::KEX_ECDH_INIT];
            put_string(&mut share, &vec![0; length]);
            let bytes = [
                b"SSH-2.0-client\r\n".to_vec(),
                packet(&offer.to_payload(&[1; 16])),
                packet(&share),
            ]
            .concat();
            assert_eq!(
                server.feed(&bytes),
                Err(TransportError::BadKeyShare),
                "{kex} {length}"
            );
            let init = server.take_output();
            assert!(Reader::new(&init).rest().starts_with(b"SSH-2.0-server\r\n"));
        }
    }
}

/// The messages of the connection protocol that came.
fn texts(served: &[ServerEvent]) -> Vec<u8> {
    let last = |e: &ServerEvent| match e {
        ServerEvent::Message(m) => m.last().copied(),
        _ => None,
    };
    served.iter().filter_map(last).collect()
}

#[test]
fn either_side_renews_the_keys_and_nothing_is_lost_meanwhile() {
    for (cipher, mac) in [
        ("aes128-gcm@openssh.com", "hmac-sha2-256"),
        ("chacha20-poly1305@openssh.com", "hmac-sha2-256"),
        ("aes256-ctr", "hmac-sha2-512-etm@openssh.com"),
    ] {
        let (mut client, mut server, host) = opened("curve25519-sha256", cipher, mac);
        let session = server.session_id().to_vec();
        server.admit();
        for round in 0..3u8 {
            // On the way in both directions while the client asks for new keys.
            client.send(&[msg::CHANNEL_DATA, 2 * round]).unwrap();
            client.rekey().unwrap();
            client.send(&[msg::CHANNEL_DATA, 2 * round + 1]).unwrap();
            server.send(&[msg::CHANNEL_DATA, round]).unwrap();
            let (heard, served) = carry(&mut client, &mut server, &host);
            assert!(served.contains(&ServerEvent::Renewed), "{served:?}");
            assert_eq!(texts(&served), [2 * round, 2 * round + 1], "{served:?}");
            let came = |e: &&Event| matches!(e, Event::Message(m) if m[..] == [94, round]);
            assert_eq!(heard.iter().filter(came).count(), 1);
            assert!(server.is_ready() && client.is_open());
            assert_eq!(server.session_id(), session);
        }
    }
}

#[test]
fn worn_keys_are_renewed_once_somebody_is_let_in() {
    let host = host();
    let mut config = (*config(&host, "curve25519-sha256", "aes128-ctr", "hmac-sha2-256")).clone();
    config.rekey_after = 1 << 16;
    let mut server = ServerTransport::new(Arc::new(config)).unwrap();
    let mut client = Transport::new(TransportConfig::default()).unwrap();
    carry(&mut client, &mut server, &host);
    let renewed = |served: &[ServerEvent]| {
        let new = served.iter().filter(|e| **e == ServerEvent::Renewed);
        new.count()
    };
    let talk = |server: &mut ServerTransport, client: &mut Transport| {
        let mut times = 0;
        for n in 0..100u8 {
            let data = [&[msg::CHANNEL_DATA][..], &[n; 4096]].concat();
            // What waits for new keys goes with them.
            server.send(&data).unwrap();
            let (heard, served) = carry(client, server, &host);
            times += renewed(&served);
            let came = heard
                .iter()
                .filter(|e| matches!(e, Event::Message(m) if m.len() == 4097 && m[1] == n));
            assert_eq!(came.count(), 1, "{n}");
        }
        times
    };
    assert_eq!(talk(&mut server, &mut client), 0);
    server.admit();
    assert!((5..8).contains(&talk(&mut server, &mut client)));
}

#[test]
fn new_keys_before_the_login_and_other_messages_in_their_midst_end_it() {
    let suite = ("curve25519-sha256", "aes128-ctr", "hmac-sha2-256");
    let (mut client, mut server, _) = opened(suite.0, suite.1, suite.2);
    client.rekey().unwrap();
    let early = server.feed(&client.take_output());
    assert_eq!(early, Err(TransportError::Unexpected(msg::KEXINIT)));
    // A client that goes on with its data behind its own KEXINIT.
    let (mut client, mut server, _) = opened(suite.0, suite.1, suite.2);
    server.admit();
    let init = default_offer().to_payload(&[3; 16]);
    client.send(&init).unwrap();
    client.send(&[msg::CHANNEL_DATA, 1]).unwrap();
    let late = server.feed(&client.take_output());
    assert_eq!(late, Err(TransportError::Unexpected(msg::CHANNEL_DATA)));
    assert_eq!(server.send(&[1]), Err(TransportError::Dead));
}
