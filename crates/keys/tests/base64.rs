//! Base64 against the C library's `b64_pton`.

mod support;

use sshwhy_keys::base64::{Base64ErrorKind, decode, decode_into, encode};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex"))
        .collect()
}

#[test]
fn accepts_and_refuses_what_b64_pton_does() {
    for line in support::text(&support::root().join("base64.txt")).lines() {
        let (verdict, input) = line.split_once('\t').expect("two columns");
        let (input, got) = (hex(input), decode(&hex(input)));
        match verdict.strip_prefix("ok ") {
            Some(bytes) => assert_eq!(got, Ok(hex(bytes)), "{}", input.escape_ascii()),
            None => {
                let error = got.expect_err(&input.escape_ascii().to_string());
                assert!(error.offset <= input.len());
            }
        }
    }
}

#[test]
fn every_length_survives_encoding_and_decoding() {
    let data: Vec<u8> = (0..=255).collect();
    for n in 0..data.len() {
        let mut wrapped: Vec<u8> = encode(&data[..n]).into_bytes();
        assert_eq!(decode(&wrapped).as_deref(), Ok(&data[..n]));
        if n > 4 {
            wrapped.insert(3, b'\n');
            assert_eq!(decode(&wrapped).as_deref(), Ok(&data[..n]));
        }
    }
}

#[test]
fn the_place_and_the_reason_are_told() {
    let fault = |t: &[u8]| decode(t).map_err(|e| (e.offset, e.kind));
    assert_eq!(
        fault(b"AAAAA-AA"),
        Err((5, Base64ErrorKind::InvalidByte(b'-')))
    );
    assert_eq!(fault(b"AAAA="), Err((4, Base64ErrorKind::EarlyPadding)));
    assert_eq!(
        fault(b"AAAAAA"),
        Err((6, Base64ErrorKind::MissingPadding { have: 2 }))
    );
    assert_eq!(
        fault(b"AA=\n"),
        Err((4, Base64ErrorKind::SecondPadding(None)))
    );
    assert_eq!(
        fault(b"AA==AAAA"),
        Err((4, Base64ErrorKind::AfterPadding(b'A')))
    );
    assert_eq!(fault(b"AB=="), Err((1, Base64ErrorKind::NonZeroBits)));
}

#[test]
fn a_buffer_is_reused() {
    let mut out = b"old".to_vec();
    assert!(decode_into(b"AAAA", &mut out).is_ok());
    assert_eq!(out, [0, 0, 0]);
}
