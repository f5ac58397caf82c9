//! Any bytes are a configuration, and any part of them may be an included file: reading never
//! panics, never loops, and every problem names a place inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_config::{
    Config, Connection, Dialect, Fact, FileText, Files, Host, Kw, Tri, Vendor, glob_match,
};
use std::sync::Arc;

struct Memory(Vec<(Vec<u8>, Arc<[u8]>)>);

impl Files for Memory {
    fn read(&self, path: &[u8]) -> FileText {
        match self.0.iter().find(|(name, _)| name == path) {
            Some((_, text)) => FileText::Text(Arc::clone(text)),
            None => FileText::Missing,
        }
    }

    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>> {
        self.0.iter().map(|(name, _)| name.clone()).filter(|n| glob_match(pattern, n)).collect()
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, text)) = data.split_first() else { return };
    let (major, minor, vendor) = [
        (7, 4, Vendor::Upstream),
        (8, 4, Vendor::Debian),
        (9, 2, Vendor::Debian),
        (9, 9, Vendor::Upstream),
        (10, 6, Vendor::RedHat),
    ][usize::from(choice) % 5];
    let dialect = Dialect::openssh(major, minor, 1, vendor);
    // A form feed and a NUL part the files: /etc/ssh/0, /etc/ssh/1 …
    let mut files = Vec::new();
    for (i, part) in text.split(|&b| b == 0x1e).enumerate() {
        files.push((format!("/etc/ssh/{i}").into_bytes(), Arc::from(part)));
    }
    let files = Memory(files);
    let config = Config::parse(&files, b"/etc/ssh/0", &dialect, &[]);
    for problem in config.problems() {
        if let FileText::Text(text) = files.read(&problem.place.file) {
            let lines = text.split(|&b| b == b'\n').count();
            assert!(problem.place.line as usize <= lines.max(1), "{problem:?}");
        }
    }
    let groups = [b"alice".to_vec(), b"devs".to_vec()];
    let effective = config.evaluate(&Connection {
        user: b"alice",
        user_invalid: Tri::False,
        groups: Fact::Known(&groups),
        host: Host::Unknown,
        addr: [192, 0, 2, 9].into(),
        laddr: Fact::Known([192, 0, 2, 1].into()),
        lport: Fact::Unknown,
        rdomain: Fact::Known(b""),
    });
    for kw in Kw::ALL {
        let _ = effective.value(*kw);
        let _ = effective.words(*kw);
        let _ = effective.text(*kw);
    }
    let _ = effective.algorithms(Kw::PubkeyAcceptedAlgorithms);
    let _ = effective.dump();
    let _ = config.address_classes();
});
