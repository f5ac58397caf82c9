//! Logs in again and again: `logins ADDR:PORT USER KEY SECONDS CLIENTS`. Prints how many logins
//! succeeded in that time. Nothing is asked for after the login.

use russh::client::{self, Handler};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Peer;

impl Handler for Peer {
    type Error = russh::Error;
    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

async fn logins(address: String, user: String, key: PrivateKeyWithHashAlg, until: Instant) -> u64 {
    let mut done = 0;
    let preferred = russh::Preferred {
        kex: std::borrow::Cow::Borrowed(&[russh::kex::CURVE25519]),
        ..russh::Preferred::DEFAULT
    };
    let config = Arc::new(client::Config {
        preferred,
        nodelay: true,
        ..client::Config::default()
    });
    while Instant::now() < until {
        let Ok(mut session) = client::connect(config.clone(), &address, Peer).await else {
            continue;
        };
        let result = session.authenticate_publickey(&user, key.clone()).await;
        done += u64::from(result.is_ok_and(|r| r.success()));
        let _ = session
            .disconnect(russh::Disconnect::ByApplication, "", "")
            .await;
    }
    done
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, user, key, seconds, clients] = args.as_slice() else {
        return Err("usage: logins ADDR:PORT USER KEY SECONDS CLIENTS".into());
    };
    let key = PrivateKeyWithHashAlg::new(Arc::new(load_secret_key(key, None)?), None);
    let seconds: u64 = seconds.parse()?;
    let clients: usize = clients.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        let until = Instant::now() + Duration::from_secs(seconds);
        let all: Vec<_> = (0..clients)
            .map(|_| {
                let (address, user, key) = (address.clone(), user.clone(), key.clone());
                tokio::spawn(logins(address, user, key, until))
            })
            .collect();
        let mut sum = 0;
        for one in all {
            sum += one.await.unwrap_or(0);
        }
        sum
    });
    writeln!(std::io::stdout(), "{done}")?;
    Ok(())
}
