//! Many clients that sign at once, for `bench/agent.sh`: `load CLIENTS SECONDS` against the agent
//! of SSH_AUTH_SOCK, with its first key. Prints signatures a second.
#![allow(clippy::print_stdout)]

use sshwhy_agent::Client;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut next = |or: u64| args.next().and_then(|a| a.parse().ok()).unwrap_or(or);
    let (clients, seconds) = (next(100), next(60));
    let path = std::env::var_os("SSH_AUTH_SOCK").expect("SSH_AUTH_SOCK");
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|n| {
            let (path, stop, done) = (path.clone(), Arc::clone(&stop), Arc::clone(&done));
            std::thread::spawn(move || {
                let mut client = Client::new(UnixStream::connect(path).expect("an agent"));
                let key = client.identities().expect("keys").remove(0);
                let mut data = n.to_be_bytes().to_vec();
                data.resize(200, 7);
                while !stop.load(Ordering::Relaxed) {
                    client.sign(&key.blob, &data, 4).expect("a signature");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    stop.store(true, Ordering::Relaxed);
    let failed = threads.into_iter().filter_map(|t| t.join().err()).count();
    let total = done.load(Ordering::Relaxed);
    let rate = total as f64 / start.elapsed().as_secs_f64();
    println!("{rate:.0} signatures/s, {total} in all, {failed} clients failed");
}
