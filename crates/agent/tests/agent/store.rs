//! The keys without a socket.

use sshwhy_agent::ask::Client;
use sshwhy_agent::session::Session;
use sshwhy_agent::store::{Now, Step};
use sshwhy_agent::{Request, Response, Settings, Store, extension};
use std::time::Instant;

fn answer(store: &mut Store, request: Request) -> Response {
    let now = Now {
        instant: Instant::now(),
        unix: 0,
    };
    match store.request(request, &mut Session::new(), &Client::default(), now) {
        Step::Reply(response) | Step::End(response) => response,
        Step::Work(_) => panic!("work for an empty agent"),
    }
}

#[test]
fn an_extension_that_is_not_known_is_told_from_one_that_failed() {
    let mut store = Store::new(Settings::default());
    let unknown = extension::plain_request(b"other@example.org");
    assert_eq!(answer(&mut store, unknown), Response::Failure);
    let known = extension::string_request(extension::REENCRYPT, b"no such key");
    assert_eq!(answer(&mut store, known), Response::ExtensionFailure);
    let all = extension::plain_request(extension::REENCRYPT_ALL);
    assert_eq!(
        answer(&mut store, all),
        Response::SuccessWith(vec![0, 0, 0, 0])
    );
}

#[test]
fn clients_of_protocol_1_get_an_empty_list() {
    let mut store = Store::new(Settings::default());
    assert_eq!(
        answer(&mut store, Request::Protocol1Identities),
        Response::Protocol1Identities
    );
}

#[test]
fn a_binding_that_is_proven_is_taken_and_one_that_is_not_is_refused() {
    let mut store = Store::new(Settings::default());
    let good = extension::SessionBind::of_nothing();
    assert_eq!(answer(&mut store, good.request()), Response::Success);
    let mut bad = good;
    bad.session = b"another".to_vec();
    assert_eq!(answer(&mut store, bad.request()), Response::Failure);
}
