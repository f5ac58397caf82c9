//! Who proves nothing learns nothing: for existing and unknown names, good and bad keys, the wire
//! carries the same bytes in the same time.
#![allow(missing_docs)]

mod common;

use common::{Stage, have, wide};
use russh::client::{self, AuthResult, Handler};
use russh::keys::{HashAlg, PrivateKey, PublicKeyOrCertificate, load_secret_key};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Peer;

impl Handler for Peer {
    type Error = russh::Error;
    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// Never signs: that the key was answered "acceptable" is all it sees.
struct Asks(bool);

#[derive(Debug)]
struct NotSigned;

impl From<russh::SendError> for NotSigned {
    fn from(_: russh::SendError) -> Self {
        NotSigned
    }
}

impl russh::Signer for Asks {
    type Error = NotSigned;
    async fn auth_sign(
        &mut self,
        _: &russh::keys::agent::AgentIdentity,
        _: Option<HashAlg>,
        _: Vec<u8>,
    ) -> Result<Vec<u8>, Self::Error> {
        self.0 = true;
        Err(NotSigned)
    }
}

/// One query: whether PK_OK came, and how long it took.
async fn query(
    session: &mut client::Handle<Peer>,
    user: &str,
    key: &PrivateKey,
) -> (bool, Duration) {
    let mut asks = Asks(false);
    let start = Instant::now();
    let public = key.public_key().clone();
    let _ = session
        .authenticate_publickey_with(user, public, None, &mut asks)
        .await;
    (asks.0, start.elapsed())
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn keys(stage: &Stage) -> [PrivateKey; 2] {
    ["listed", "fresh"].map(|name| load_secret_key(stage.path(name), None).unwrap())
}

async fn connect(stage: &Stage) -> client::Handle<Peer> {
    let config = Arc::new(client::Config::default());
    client::connect(config, ("127.0.0.1", stage.port()), Peer)
        .await
        .unwrap()
}

/// `SSHWHY_TRIES`: queries for each of the four pairs.
fn tries(usual: usize) -> usize {
    std::env::var("SSHWHY_TRIES")
        .ok()
        .and_then(|t| t.parse().ok())
        .unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_answered_alike_for_every_name_and_key() {
    if !have(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(false, "", wide());
    let keys = keys(&stage);
    let names = [stage.user.clone(), "nobody-there".to_owned()];
    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut session = connect(&stage).await;
    for n in 0..tries(300) {
        if n % 50 == 0 {
            session = connect(&stage).await;
        }
        for (pair, times) in times.iter_mut().enumerate() {
            let (ok, time) = query(&mut session, &names[pair / 2], &keys[pair % 2]).await;
            assert!(ok, "no PK_OK for pair {pair}");
            times.push(time);
        }
    }
    let medians = times.map(median);
    common::tell(&format!("medians of a query: {medians:?}"));
    let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    let noise = Duration::from_micros(150).max(*least / 3);
    assert!(*most - *least < noise, "{medians:?}");
    assert!(
        stage
            .events
            .lock()
            .unwrap()
            .iter()
            .all(|e| !matches!(&e.what, sshwhy_server::What::Attempt(seen) if seen.signed))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_a_strange_key_takes_the_same_time_for_every_name() {
    if !have(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(false, "", wide());
    let [_, fresh] = keys(&stage);
    let fresh = Arc::new(fresh);
    let names = [stage.user.clone(), "nobody-there".to_owned()];
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..15 {
        for (name, times) in names.iter().zip(&mut times) {
            let mut session = connect(&stage).await;
            let key = russh::keys::PrivateKeyWithHashAlg::new(fresh.clone(), None);
            let start = Instant::now();
            let result = session.authenticate_publickey(name, key).await.unwrap();
            times.push(start.elapsed());
            let AuthResult::Failure {
                remaining_methods,
                partial_success,
            } = result
            else {
                panic!("let in");
            };
            assert!(!partial_success);
            assert_eq!(remaining_methods.len(), 2);
        }
    }
    let [known, unknown] = times.map(median);
    common::tell(&format!(
        "medians of a proof: {known:?}, of an unknown name {unknown:?}"
    ));
    assert!(
        known.abs_diff(unknown) < Duration::from_millis(20),
        "{known:?} {unknown:?}"
    );
}
