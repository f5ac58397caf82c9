//! Any bytes are a connection to the server: it never panics, answers within bounds, and ends when
//! the peer does. The same bytes are a damaged line and a key: what is told of it needs the key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_server::told::holds_enough;
use sshwhy_server::{Config, HostKey, Mode, Source, answer_to};
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
    let config = || Config::new(Mode::ExplainOnly, source.clone(), vec![KEY.clone()]);
    for greeting in [b"".as_slice(), b"SSH-2.0-fuzz\r\n"] {
        let bytes = [greeting, data].concat();
        let Ok(answer) = answer_to(config(), &bytes) else {
            panic!("the server did not end as its peer did");
        };
        assert!(answer.len() < 4096 + bytes.len(), "{} bytes", answer.len());
    }
    if let Some((cut, rest)) = data.split_first() {
        let (line, blob) = rest.split_at(rest.len().min(usize::from(*cut)));
        let _ = holds_enough(line, blob);
    }
});
