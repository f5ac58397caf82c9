//! The published schema holds every output.

use crate::support::*;
use crate::validator;
use serde_json::Value;
use sshwhy_causes::Certainty;
use sshwhy_verdict::Verdict;
use sshwhy_world::Gap;

fn schema() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schema/sshwhy-1.schema.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn problems(value: &Value) -> Vec<String> {
    validator::problems(&schema(), value)
}

pub(crate) fn check(json: &str) {
    let value: Value = serde_json::from_str(json).unwrap();
    let problems = problems(&value);
    assert!(problems.is_empty(), "{problems:#?}\n{json}");
}

#[test]
fn each_kind_of_result_is_valid() {
    let mut open = judgement(Verdict::Undetermined, vec![home_writable()]);
    open.causes[0].certainty = Certainty::Possible;
    let gap = Gap::not_looked("a", "b", "c");
    open.causes[0].gap = Some(gap.clone());
    open.gaps.push(gap);
    let mut bare = entry(judgement(Verdict::Accept, Vec::new()));
    bare.subject = Default::default();
    bare.judgement.after_login.push(finding("shell-nologin"));
    bare.judgement.notes.push(home_writable());
    let f = finding("key-option-unknown").evidence(line(&[0xff; 700], 600, 650));
    check(&json(&document(vec![
        entry(judgement(Verdict::Refuse, vec![home_writable(), f])),
        entry(open),
        bare,
    ])));
}

#[test]
fn every_cause_and_every_page_is_valid() {
    for cause in sshwhy_causes::all() {
        let f = sshwhy_causes::Finding::new(cause);
        check(&json(&document(vec![entry(judgement(
            Verdict::Refuse,
            vec![f],
        ))])));
        let mut out = Vec::new();
        sshwhy_report::json::render_page(cause, &mut out).unwrap();
        check(std::str::from_utf8(&out).unwrap());
    }
}

#[test]
fn the_schema_refuses_what_the_contract_does_not_allow() {
    let good = json(&document(vec![entry(judgement(
        Verdict::Refuse,
        vec![home_writable()],
    ))]));
    let mut value: Value = serde_json::from_str(&good).unwrap();
    value["results"][0]["verdict"] = "perhaps".into();
    assert_eq!(problems(&value).len(), 1, "{:?}", problems(&value));
    let mut value: Value = serde_json::from_str(&good).unwrap();
    value["results"][0]["causes"] = serde_json::json!([]);
    assert_eq!(problems(&value).len(), 1, "{:?}", problems(&value));
}
