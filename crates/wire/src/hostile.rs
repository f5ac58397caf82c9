//! Servers that lie, stall and babble: nothing they say may do more than end the transport.

use ed25519_dalek::Signer as _;

use crate::auth;
use crate::channel::{Channel, ChannelRequest};
use crate::cipher::{CipherKind, Keys, MacKind, Opener, Sealer, random};
use crate::data::{Reader, msg, put_bool, put_string, put_u32};
use crate::error::TransportError;
use crate::event::Event;
use crate::kex::{self, Ephemeral, Exchange, KexInit, Side};
use crate::transport::{Transport, TransportConfig};

pub(crate) const ID: &[u8] = b"SSH-2.0-test";

/// A server that follows the protocol up to where it is told not to.
pub(crate) struct Server {
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
    pub(crate) init: Vec<u8>,
    key: ed25519_dalek::SigningKey,
    waiting: Option<Keys>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let offer = kex::default_offer();
        let kex = b"curve25519-sha256,ext-info-s,kex-strict-s-v00@openssh.com".to_vec();
        Self {
            sealer: Sealer::plain(),
            opener: Opener::plain(),
            init: KexInit { kex, ..offer }.to_payload(&[3; 16]),
            key: ed25519_dalek::SigningKey::from_bytes(&[1; 32]),
            waiting: None,
        }
    }

    pub(crate) fn seal(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.sealer.seal(payload, &[0; 32], &mut out).unwrap();
        out
    }

    fn open(&mut self, input: &mut Vec<u8>) -> Vec<u8> {
        let (payload, used) = self.opener.open(input).unwrap().unwrap();
        input.drain(..used);
        payload
    }

    fn blob(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, b"ssh-ed25519");
        put_string(&mut out, self.key.verifying_key().as_bytes());
        out
    }

    /// Goes through a key exchange; `spoil` may change the reply before it is sent.
    fn exchange(
        &mut self,
        client: &mut Transport,
        spoil: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), TransportError> {
        let mut input = client.take_output();
        let end = input.iter().position(|b| *b == b'\n').unwrap();
        input.drain(..=end);
        let client_init = self.open(&mut input);
        client.feed(&[ID, b"\r\n"].concat())?;
        let init = self.init.clone();
        let sealed = self.seal(&init);
        client.feed(&sealed)?;
        let mut input = client.take_output();
        let ecdh = self.open(&mut input);
        for sealed in self.reply(&client_init, &ecdh, spoil) {
            client.feed(&sealed)?;
        }
        Ok(())
    }

    /// The reply to the client's share and NEWKEYS; from then on both ways have keys.
    pub(crate) fn reply(
        &mut self,
        client_init: &[u8],
        ecdh: &[u8],
        spoil: impl FnOnce(&mut Vec<u8>),
    ) -> [Vec<u8>; 2] {
        let client_share = Reader::new(&ecdh[1..]).string().unwrap().to_vec();
        let secret = Ephemeral::new(b"curve25519-sha256", Side::Server, &mut random).unwrap();
        let shared = secret.agree(&client_share).unwrap();
        let (blob, share) = (self.blob(), secret.public());
        let h = Exchange {
            client_version: b"SSH-2.0-sshwhy_0.1",
            server_version: ID,
            client_init,
            server_init: &self.init,
            host_key: &blob,
            client_share: &client_share,
            server_share: &share,
        }
        .hash(secret.hash(), &shared);
        let mut sig = Vec::new();
        put_string(&mut sig, b"ssh-ed25519");
        put_string(&mut sig, &self.key.sign(&h).to_bytes());
        let mut reply = vec![msg::KEX_ECDH_REPLY];
        put_string(&mut reply, &blob);
        put_string(&mut reply, &share);
        put_string(&mut reply, &sig);
        spoil(&mut reply);
        let first = self.seal(&reply);
        let cipher = CipherKind::from_name(b"aes128-gcm@openssh.com").unwrap();
        let mac = None::<MacKind>;
        let out = kex::derive(secret.hash(), &shared, &h, &h, *b"BDF", cipher, mac);
        let second = self.seal(&[msg::NEWKEYS]);
        self.sealer.rekey(cipher, mac, &out, true).unwrap();
        let back = kex::derive(secret.hash(), &shared, &h, &h, *b"ACE", cipher, mac);
        self.waiting = Some(back);
        [first, second]
    }

    /// The client's NEWKEYS came.
    pub(crate) fn read_with_new_keys(&mut self) {
        let cipher = CipherKind::from_name(b"aes128-gcm@openssh.com").unwrap();
        let keys = self.waiting.take().unwrap();
        self.opener.rekey(cipher, None, &keys, true).unwrap();
    }
}

fn client() -> Transport {
    Transport::new(TransportConfig::default()).unwrap()
}

fn opened() -> (Server, Transport) {
    let (mut server, mut client) = (Server::new(), client());
    server.exchange(&mut client, |_| {}).unwrap();
    assert!(client.is_open());
    client.take_output();
    (server, client)
}

fn drain(client: &mut Transport) -> Vec<Event> {
    std::iter::from_fn(|| client.next_event()).collect()
}

/// Every truncation and a flip of every byte, to two values.
fn garbled(message: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = (1..=message.len()).map(|n| message[..n].to_vec()).collect();
    for at in 1..message.len() {
        for value in [0xff, message[at] ^ 1] {
            let mut bad = message.to_vec();
            bad[at] = value;
            out.push(bad);
        }
    }
    out
}

fn messages() -> Vec<Vec<u8>> {
    let mut list = vec![auth::none(b"x"), auth::service_request()];
    for number in 0..=255u8 {
        let mut m = vec![number];
        put_u32(&mut m, 1);
        put_string(&mut m, b"name");
        put_bool(&mut m, true);
        put_string(&mut m, b"value");
        list.push(m);
    }
    list
}

#[test]
fn a_whole_exchange_opens_and_events_tell_it() {
    let (mut server, mut client) = opened();
    let events = drain(&mut client);
    assert!(events.contains(&Event::Identification(ID.to_vec())));
    assert!(events.contains(&Event::NewKeys { first: true }));
    let mut info = vec![msg::EXT_INFO];
    put_u32(&mut info, 1);
    put_string(&mut info, b"server-sig-algs");
    put_string(&mut info, b"ssh-ed25519");
    let sealed = server.seal(&info);
    client.feed(&sealed).unwrap();
    assert!(matches!(drain(&mut client)[..], [Event::ExtInfo(_)]));
}

#[test]
fn bytes_one_at_a_time_make_the_same_events() {
    let mut server = Server::new();
    let mut client = client();
    let init = server.init.clone();
    let text = [b"go away\r\n\n", ID, b"\n", &*server.seal(&init)].concat();
    for byte in &text {
        client.feed(std::slice::from_ref(byte)).unwrap();
    }
    let events = drain(&mut client);
    assert_eq!(events[0], Event::PreambleLine(b"go away".to_vec()));
    assert_eq!(events[1], Event::PreambleLine(Vec::new()));
    assert_eq!(events[2], Event::Identification(ID.to_vec()));
    assert!(matches!(events[3], Event::ServerKexInit(_)));
}

#[test]
fn endless_text_before_the_identification_ends_the_transport() {
    let mut one = client();
    assert_eq!(
        one.feed(&vec![b'x'; 9000]),
        Err(TransportError::PreambleTooLong)
    );
    assert_eq!(
        one.feed(b"SSH-2.0-late\n"),
        Err(TransportError::PreambleTooLong)
    );
    let mut many = client();
    assert_eq!(
        many.feed(&vec![b'\n'; 2000]),
        Err(TransportError::PreambleTooLong)
    );
    let mut old = client();
    assert!(matches!(
        old.feed(b"SSH-1.5-old\n"),
        Err(TransportError::ProtocolVersion(_))
    ));
}

#[test]
fn a_length_that_cannot_be_ends_the_transport_at_its_four_bytes() {
    for length in [0u32, 1, 4, 13, 256 * 1024 + 4, u32::MAX] {
        let mut client = client();
        client.feed(b"SSH-2.0-x\r\n").unwrap();
        let result = client.feed(&length.to_be_bytes());
        assert!(result.is_err(), "{length}");
    }
}

#[test]
fn garbled_kexinits_and_replies_end_the_transport_or_change_nothing() {
    for init in garbled(&Server::new().init) {
        let (mut server, mut client) = (Server::new(), client());
        client.feed(b"SSH-2.0-test\r\n").unwrap();
        let sealed = server.seal(&init);
        let _ = client.feed(&sealed);
        drain(&mut client);
        assert!(!client.is_open());
    }
    let mut length = 0;
    Server::new()
        .exchange(&mut client(), |reply| length = reply.len())
        .unwrap();
    for at in 0..length {
        let cut = Server::new().exchange(&mut client(), |reply| reply.truncate(at.max(1)));
        assert!(cut.is_err(), "cut {at}");
        let flipped = Server::new().exchange(&mut client(), |reply| reply[at] ^= 0x04);
        assert!(flipped.is_err(), "flipped {at}");
    }
}

#[test]
fn strict_exchange_lets_nothing_in_between() {
    for extra in [
        &[msg::IGNORE, 0, 0, 0, 0][..],
        &[msg::DEBUG, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        // Before KEXINIT: the sequence number of KEXINIT tells it.
        let (mut server, mut one) = (Server::new(), client());
        one.feed(b"SSH-2.0-test\r\n").unwrap();
        let (first, init) = (server.seal(extra), server.init.clone());
        one.feed(&first).unwrap();
        let sealed = server.seal(&init);
        assert_eq!(one.feed(&sealed), Err(TransportError::StrictKex));
        // After it.
        let (mut server, mut two) = (Server::new(), client());
        two.feed(b"SSH-2.0-test\r\n").unwrap();
        let init = server.init.clone();
        let sealed = [server.seal(&init), server.seal(extra)].concat();
        assert_eq!(two.feed(&sealed), Err(TransportError::StrictKex));
    }
}

#[test]
fn no_authentication_message_is_believed_before_keys_are_agreed_on() {
    let (mut server, mut client) = (Server::new(), client());
    client.feed(b"SSH-2.0-test\r\n").unwrap();
    let sealed = server.seal(&[msg::USERAUTH_SUCCESS]);
    let error = TransportError::Unexpected(msg::USERAUTH_SUCCESS);
    assert_eq!(client.feed(&sealed), Err(error));
}

#[test]
fn every_message_garbled_under_good_keys_is_an_event_or_an_end() {
    for message in messages() {
        let (mut server, mut client) = opened();
        for bad in garbled(&message) {
            if client.error().is_some() || client.is_disconnected() || !client.is_open() {
                (server, client) = opened();
            }
            drain(&mut client);
            let sealed = server.seal(&bad);
            let _ = client.feed(&sealed);
            assert!(drain(&mut client).len() < 16);
            client.take_output();
            let (mut channel, _) = Channel::open(ChannelRequest::Shell, vec![1; 99], 64);
            channel.message(&bad);
            channel.message(&[91, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 1, 0]);
            channel.message(&bad);
        }
    }
}

#[test]
fn a_renewal_without_end_is_left() {
    let (mut server, mut client) = opened();
    let init = server.init.clone();
    let sealed = server.seal(&init);
    client.feed(&sealed).unwrap();
    let again = server.seal(&init);
    assert_eq!(
        client.feed(&again),
        Err(TransportError::Unexpected(msg::KEXINIT))
    );
}

#[test]
fn a_channel_keeps_no_more_than_its_window() {
    let (mut channel, _) = Channel::open(ChannelRequest::Shell, Vec::new(), 10);
    channel.message(&[91, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 1, 0]);
    let mut data = vec![msg::CHANNEL_DATA, 0, 0, 0, 0];
    put_string(&mut data, &[b'x'; 500]);
    for _ in 0..3 {
        channel.message(&data);
    }
    assert!(channel.is_done());
    let out = channel.into_output();
    assert!(out.truncated);
    assert_eq!(out.stdout.len(), 10);
}

#[test]
fn a_wrongly_guessed_first_packet_is_passed_over() {
    let mut server = Server::new();
    let mut client = client();
    let kex = b"curve25519-sha256@libssh.org,curve25519-sha256".to_vec();
    server.init = KexInit {
        kex,
        first_kex_packet_follows: true,
        ..kex::default_offer()
    }
    .to_payload(&[3; 16]);
    client.feed(b"SSH-2.0-test\r\n").unwrap();
    let init = server.init.clone();
    let sealed = [
        server.seal(&init),
        server.seal(&[msg::KEX_ECDH_REPLY, 1, 2, 3]),
    ]
    .concat();
    client.feed(&sealed).unwrap();
    let sealed = server.seal(&[msg::KEX_ECDH_REPLY, 1, 2, 3]);
    assert_eq!(
        client.feed(&sealed),
        Err(TransportError::Malformed(msg::KEX_ECDH_REPLY))
    );
}
