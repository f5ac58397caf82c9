//! Every scenario, planned for in memory: what can be mended without weakening is accepted
//! afterwards and leaves nothing to do; what somebody decided changes nothing and asks.

use sshwhy_causes::Safety;
use sshwhy_mend::plan_ways::{Way, way};
use sshwhy_mend::{After, Ask, Plan, accepted, plan};
use sshwhy_scenario::{Embedded, Scenario};
use sshwhy_verdict::{Server, Verdict, judge};
use sshwhy_world::{Attempt, Build, MemWorld};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &[u8] = b"/etc/ssh/sshd_config";

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap();
    let mut entries: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "md")
            && path.file_name().is_some_and(|n| n != "README.md")
        {
            out.push(path);
        }
    }
}

struct Refused {
    name: String,
    world: MemWorld,
    attempt: Attempt,
    causes: Vec<&'static str>,
}

fn refused_cases() -> Vec<Refused> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let only = std::env::var("SSHWHY_SCENARIO").unwrap_or_default();
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut out = Vec::new();
    for path in all {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if !name.contains(&only) {
            continue;
        }
        let scenario = Scenario::parse(&fs::read(&path).unwrap()).unwrap();
        for case in &scenario.cases {
            let scene = case.spec.scene(&Embedded).unwrap();
            let world = scene.world();
            let server = Server::read(&world, CONFIG);
            let judgement = judge(&server, &world, &scene.attempt);
            if judgement.verdict == Verdict::Refuse {
                out.push(Refused {
                    name: format!("{name}:{} {}", case.line, case.title),
                    causes: judgement.causes.iter().map(|f| f.cause.id).collect(),
                    world,
                    attempt: scene.attempt.clone(),
                });
            }
        }
    }
    out
}

fn planned(case: &Refused, world: &dyn sshwhy_world::World, allow_weakening: bool) -> Plan {
    plan(&Ask {
        world,
        config: CONFIG,
        attempts: std::slice::from_ref(&case.attempt),
        key_named: true,
        allow_weakening,
    })
}

#[test]
fn a_plan_is_whole_or_empty_and_a_second_one_finds_nothing_to_do() {
    let (mut wrong, mut mended, mut asked, mut by_people) = (Vec::new(), 0, 0, 0);
    for case in refused_cases() {
        let name = &case.name;
        let p = planned(&case, &case.world, false);
        if p.changes.iter().any(|c| c.safety == Safety::Weakens) {
            wrong.push(format!("{name}: weakens without leave"));
        }
        if !p.accepts {
            if !p.changes.is_empty() || p.reload.is_some() {
                wrong.push(format!("{name}: changes that do not help"));
            }
            if p.ask.is_empty() && p.not_done.is_empty() && p.gaps.is_empty() {
                wrong.push(format!("{name}: nothing to do, and nobody told why"));
            }
            asked += usize::from(!p.ask.is_empty());
            by_people += usize::from(p.ask.is_empty());
            continue;
        }
        mended += 1;
        let mut after = After::of(&case.world, &p.changes);
        if p.reload.is_some() {
            after.reload();
        }
        if !accepted(&after, CONFIG, &case.attempt) {
            wrong.push(format!("{name}: the plan does not help"));
        }
        let again = planned(&case, &after, false);
        if !again.changes.is_empty() || !again.accepts {
            wrong.push(format!("{name}: the second plan is not empty"));
        }
        for c in &p.changes {
            if c.reasons.is_empty() {
                wrong.push(format!("{name}: a change without a reason"));
            }
        }
    }
    assert!(
        mended >= 165,
        "mended {mended}, asked {asked}, left to people {by_people}"
    );
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_decision_in_the_way_changes_nothing_and_names_whom_to_ask() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in refused_cases() {
        if !case
            .causes
            .iter()
            .any(|id| matches!(way(id), Way::Decision(_)))
        {
            continue;
        }
        count += 1;
        let p = planned(&case, &case.world, false);
        if !p.changes.is_empty() {
            wrong.push(format!("{}: {:?}", case.name, p.changes));
        }
        if p.ask.is_empty() && p.not_done.is_empty() {
            wrong.push(format!("{}: nobody is asked", case.name));
        }
        if p.ask.iter().any(|d| d.ask.is_empty() || d.what.is_empty()) {
            wrong.push(format!("{}: words are missing", case.name));
        }
    }
    assert!(count > 50, "only {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Causes that have a way, and cases of them that are left to people all the same, each with why.
const LEFT: &[(&str, &str)] = &[
    ("key-line-certificate", "the certificate itself is offered"),
    ("key-option-bad-value", "what was meant is not known"),
    (
        "key-option-duplicate",
        "which of the two is meant is not known",
    ),
    ("key-option-unknown", "what was meant is not known"),
    (
        "key-option-unterminated-quote",
        "where the value ends is not known",
    ),
    (
        "keys-command-trailing-comment",
        "what the program prints then is not known",
    ),
    ("keys-command-unsafe", "a program that lies in a home"),
    ("keys-file-dangling-symlink", ".ssh itself is the link"),
    (
        "keys-file-missing",
        "a file is where the directory should be",
    ),
    ("parent-writable", "everyone works there"),
    ("hostkeys-unusable", "a key is to be made"),
    ("privsep-dir-missing", "a file is in its place"),
];

/// The plan for a world that differs from the base world so much: its changes and its reasons.
fn of_world(build: &str, lines: &str) -> (Plan, Vec<String>) {
    let head = "# wrong-owner: test\n\n## refused: test\n```world\n";
    let text = format!("{head}{lines}\nexpect refuse wrong-owner\n```\n");
    let scenario = Scenario::parse(text.as_bytes()).unwrap();
    let spec = &scenario.cases.first().unwrap().spec;
    let build = Build::profile(build).unwrap();
    let p = plan(&Ask {
        world: &spec.world_on(build, &Embedded).unwrap(),
        config: CONFIG,
        attempts: &[spec.attempt.attempt(&Embedded).unwrap()],
        key_named: true,
        allow_weakening: false,
    });
    let whys = p.not_done.iter();
    let whys = whys.map(|n| String::from_utf8_lossy(&n.why).into_owned());
    let whys = whys.collect();
    (p, whys)
}

#[test]
fn what_another_account_has_in_its_own_home_is_not_taken_from_it() {
    let lines = "account carol uid=2003 home=/home/alice\nmode /home/alice/.ssh 0755\n\
                 mode /home/alice/.ssh/authorized_keys 0644\nattempt user=carol";
    for build in ["debian-12", "dropbear-2022.83"] {
        let (p, whys) = of_world(build, lines);
        assert!(!p.accepts && p.changes.is_empty(), "{build}: {p:?}");
        let want = "it lies in the home of alice, who owns it";
        assert!(whys.iter().any(|w| w == want), "{build}: {whys:?}");
    }
}

#[test]
fn a_directory_of_neither_root_nor_the_account_is_not_entered() {
    let lines = "owner /home/alice 1017\nowner /home/alice/.ssh 1017";
    for build in ["debian-12", "dropbear-2022.83"] {
        let (p, whys) = of_world(build, lines);
        assert!(!p.accepts && p.changes.is_empty(), "{build}: {p:?}");
        let want = "the directory /home/alice on the way belongs to 1017, neither root nor the \
                    account, and is not entered";
        assert!(whys.iter().any(|w| w == want), "{build}: {whys:?}");
    }
    let (p, _) = of_world("debian-12", "owner /home/alice 1017");
    assert!(p.accepts && p.changes.len() == 1, "{p:?}");
}

#[test]
fn what_can_be_mended_is_mended() {
    let mut left = Vec::new();
    for case in refused_cases() {
        let [only] = case.causes.as_slice() else {
            continue;
        };
        if matches!(way(only), Way::People | Way::Decision(_))
            || LEFT.iter().any(|(cause, _)| cause == only)
        {
            continue;
        }
        let p = planned(&case, &case.world, false);
        if !p.accepts {
            left.push(format!("{}: {p:?}", case.name));
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

#[test]
fn with_leave_to_weaken_a_decision_of_the_configuration_is_undone_for_that_account_alone() {
    let mut undone = 0;
    for case in refused_cases() {
        let [only] = case.causes.as_slice() else {
            continue;
        };
        if way(only) != Way::Decision(true) {
            continue;
        }
        let p = planned(&case, &case.world, true);
        if !p.accepts {
            continue;
        }
        undone += 1;
        assert!(
            p.changes.iter().any(|c| c.safety == Safety::Weakens),
            "{}: said to weaken nothing",
            case.name
        );
        let mut after = After::of(&case.world, &p.changes);
        after.reload();
        assert!(accepted(&after, CONFIG, &case.attempt), "{}", case.name);
    }
    assert!(undone >= 25, "only {undone}");
}
