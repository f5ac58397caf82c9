//! Any bytes are a connection to the server: it never panics, answers within bounds, and ends when
//! the peer does; the same behind the keys, where the bytes are messages of the authentication
//! protocol, cut by their first byte. The same bytes are a damaged line and a key: what is told of it
//! needs the key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_server::told::holds_enough;
use sshwhy_server::{Config, HostKey, Mode, Source, answer_to, answers_under_keys};
use std::sync::LazyLock;

static KEY: LazyLock<HostKey> = LazyLock::new(|| HostKey::generate().expect("random bytes"));

fuzz_target!(|data: &[u8]| {
    let source = Source::Machine {
        root: None,
        config: b"/dev/null".to_vec(),
        build: None,
        run_commands: false,
        indexes: sshwhy_server::Cache::default(),
    };
    let config = |mode| Config::new(mode, source.clone(), vec![KEY.clone()]);
    for (greeting, mode) in [
        (b"".as_slice(), Mode::ExplainOnly),
        (b"SSH-2.0-fuzz\r\n", Mode::ExplainOnly),
        (b"SSH-2.0-fuzz\r\n", Mode::Doorstep),
    ] {
        let bytes = [greeting, data].concat();
        let Ok(answer) = answer_to(config(mode), &bytes) else {
            panic!("the server did not end as its peer did");
        };
        assert!(answer.len() < 4096 + bytes.len(), "{} bytes", answer.len());
    }
    if let Some((cut, rest)) = data.split_first() {
        let (first, second) = rest.split_at(rest.len().min(usize::from(*cut)));
        let messages: Vec<&[u8]> = [first, second].into_iter().filter(|m| !m.is_empty()).collect();
        let answered = answers_under_keys(config(Mode::ExplainOnly), &messages);
        assert!(answered.expect("keys") <= 2 * messages.len());
        let _ = holds_enough(first, second);
    }
});
