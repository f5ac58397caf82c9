//! What stands behind the first obstacle is told of the files as they are, not of the mended ones.

use sshwhy_causes::Finding;
use sshwhy_scenario::{Embedded, Scenario};
use sshwhy_verdict::{Server, judge};

fn causes(keys: &[&str]) -> Vec<Finding> {
    let text = format!(
        "# a: b\n\nc\n\n## refused: d\n```world\nkeys\n| {}\nexpect refuse key-not-listed\n```\n\n\
         ## accepted: e\n```world\nexpect accept\n```\n",
        keys.join("\n| ")
    );
    let scenario = Scenario::parse(text.as_bytes()).expect("a scenario");
    let scene = scenario.cases[0].spec.scene(&Embedded).expect("a scene");
    let world = scene.world();
    let server = Server::read(&world, b"/etc/ssh/sshd_config");
    judge(&server, &world, &scene.attempt).causes
}

/// Id, line, column and the marked words of each cause.
fn marked(causes: &[Finding]) -> Vec<(&str, u64, u64, String)> {
    let seen = |f: &Finding| {
        let e = &f.evidence[0];
        let (from, to) = (e.column.unwrap(), e.end_column.unwrap());
        let at = |column: u64| (column - e.text_column) as usize;
        let words = e.text.as_ref().unwrap()[at(from)..at(to)].to_vec();
        (e.line.unwrap(), from, String::from_utf8(words).unwrap())
    };
    let all = causes.iter().map(|f| (f.cause.id, seen(f)));
    all.map(|(id, (line, column, words))| (id, line, column, words))
        .collect()
}

#[test]
fn obstacles_on_one_line_are_marked_where_they_stand() {
    let all = causes(&[
        "{key rsa2048}",
        r#"expiry-time="20200101",principals="alice",from="10.0.0.0/8" {key ed25519}"#,
    ]);
    let expected = [
        ("key-expired", 2, 14, "20200101"),
        ("key-option-principals-on-plain", 2, 36, "alice"),
        ("from-mismatch", 2, 49, "10.0.0.0/8"),
    ];
    assert_eq!(
        marked(&all),
        expected.map(|(a, b, c, d)| (a, b, c, d.to_owned()))
    );
    assert_eq!(all[2].args.get("line"), Some(&b"2"[..]));
}

#[test]
fn an_obstacle_behind_a_broken_line_is_told_of_that_line() {
    let all = causes(&[
        "{key rsa2048}",
        "",
        r#"from="10.0.0.0/8" {type ed25519} {blob ed25519 ..40}"#,
        "{blob ed25519 40..}",
    ]);
    let ids: Vec<_> = all
        .iter()
        .map(|f| (f.cause.id, f.evidence[0].line))
        .collect();
    assert_eq!(
        ids,
        [("key-line-wrapped", Some(3)), ("from-mismatch", Some(3))]
    );
}
