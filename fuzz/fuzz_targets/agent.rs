//! Any bytes are messages to an agent: reading never panics, an error names a byte of the message,
//! what is read is written back as it was, and a store of keys lives through all of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sshwhy_agent::ask::Client;
use sshwhy_agent::protocol::{Framer, Request, Response};
use sshwhy_agent::session::Session;
use sshwhy_agent::store::{Now, Settings, Step, Store};
use sshwhy_agent::{extension, known_hosts};
use std::time::Instant;

fuzz_target!(|data: &[u8]| {
    let mut store = Store::new(Settings::default());
    let mut session = Session::new();
    let client = Client::default();
    let now = Now { instant: Instant::now(), unix: 1_800_000_000 };
    let mut framer = Framer::new();
    let mut input = data;
    while let Ok(Some(message)) = framer.feed(&mut input) {
        match Request::parse(&message) {
            Ok(request) => {
                let wire = request.write();
                let Ok(again) = Request::parse(&wire) else {
                    panic!("what was written is not read");
                };
                assert_eq!(*again.write(), *wire);
            }
            Err(e) => assert!(e.offset <= message.len(), "{e}"),
        }
        if let Ok(response) = Response::parse(&message) {
            let _ = extension::parse_query(&response);
            let _ = extension::parse_list_extended(&response);
            let _ = extension::parse_list_constraints(&response);
            assert_eq!(Response::parse(&response.write()).as_ref(), Ok(&response));
        }
        // Work is not done here: passphrases cost too much.
        let (Step::Reply(response) | Step::End(response)) =
            store.message(&message, &mut session, &client, now)
        else {
            break;
        };
        let _ = response.write();
    }
    let _ = known_hosts::keys_of(data, b"host");
});
