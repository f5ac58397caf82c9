//! Generated worlds: what the engine knows as operators, composed by a seed, each world judged by
//! the engine and by a real sshd.
//!
//! A world is decided by its seed and its number alone. Where the two judges differ, the world is
//! made as small as it can be while they still do, and printed as a scenario.

mod agree;
mod generate;
mod grammar;
mod rng;
mod run;
mod shrink;

pub use agree::{Difference, differences};
pub use generate::world;
pub use grammar::Mood;
pub use run::{Plan, Report, run};
pub use shrink::smaller;

use sshwhy_scenario::Spec;

/// A world as the text of a scenario file. `expect` is the line of that name, or empty.
#[must_use]
pub fn as_scenario(spec: &Spec, id: &str, prose: &str) -> String {
    let mut spec = spec.clone();
    let refuse = sshwhy_scenario::Expectation::new(sshwhy_scenario::Verdict::Refuse);
    let expect = spec.expect.get_or_insert(refuse);
    let heading = match (expect.verdict, expect.after_login.is_empty()) {
        (sshwhy_scenario::Verdict::Refuse, _) => "refused",
        (sshwhy_scenario::Verdict::Accept, true) => "accepted",
        (sshwhy_scenario::Verdict::Accept, false) => "ended",
        (sshwhy_scenario::Verdict::Undetermined, _) => "undetermined",
    };
    if expect.verdict == sshwhy_scenario::Verdict::Refuse && expect.causes.is_empty() {
        expect.causes.push("unknown".into());
    }
    format!(
        "# {id}: {}\n\n{prose}\n\n## {heading}: it was generated\n```world\n{}```\n",
        spec.name,
        spec.to_text()
    )
}
