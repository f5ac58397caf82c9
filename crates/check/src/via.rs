//! The truth channel: the refused keys first, then another way in, in the same connection where the
//! account is the same; and scripts run inside.

use crate::hosts::Standing;
use crate::identity::Identity;
use crate::probe::{Answer, Question, Report, Stop, begin, offer};
use crate::reach::Link;
use crate::target::Target;
use sshwhy_keys::PublicKey;
use sshwhy_wire::{ChannelRequest, Session, Step, StepOutcome};
use zeroize::Zeroizing;

/// What runs a script from its standard input, as the account that logged in.
pub const SHELL: &str = "sh";
/// The same as root, for an account that becomes root without a password.
pub const SHELL_BY_SUDO: &str = "sudo -n sh";
/// A script that shows whether it runs as root.
pub const AM_I_ROOT: &str = "echo @root-$(id -u)\n";

/// Whether [`AM_I_ROOT`] printed yes.
#[must_use]
pub fn is_root(printed: &[u8]) -> bool {
    printed.starts_with(b"@root-0")
}

/// Most bytes that a script may print.
const MOST: u32 = 8 << 20;

/// The other way in.
pub enum Way<'a> {
    /// A password, asked for once the host is known to be the right one. `None`: there is none.
    Password(&'a dyn Fn() -> Option<Zeroizing<Vec<u8>>>),
    /// Another key.
    Key(&'a Identity),
}

/// Why there is no look from the inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The keys themselves were let in.
    NotNeeded,
    /// Nobody said that the host is the right one.
    Stranger(String),
    /// No password was given.
    NoPassword,
    /// The other way is refused too: methods that can continue.
    Refused(Vec<u8>),
    /// There is no connection any more, or there was none.
    Ended,
}

/// A session inside.
pub struct Inside {
    session: Session<Link>,
    sudo: bool,
}

/// What came of it.
pub struct Through {
    /// What the refused keys met.
    pub report: Report,
    /// The session, or why there is none.
    pub inside: Result<Inside, Shut>,
}

/// Offers the keys of `question`, then goes the other way as `user` (or the target's own).
/// `trusted` is asked about a host whose key nobody knows, before a password is sent.
#[must_use]
pub fn through(
    target: &Target,
    question: &Question<'_>,
    user: Option<&[u8]>,
    way: &Way<'_>,
    trusted: &dyn Fn(&str) -> bool,
) -> Through {
    let (mut report, session) = begin(target, question);
    let shut = |report: Report, why| Through {
        report,
        inside: Err(why),
    };
    let Some(mut session) = session else {
        return shut(report, Shut::Ended);
    };
    let other = user.filter(|u| *u != target.user);
    if let Some(other) = other {
        // sshd ends a connection over a change of its user: this one is a new one.
        report.wire = std::mem::take(&mut session.report);
        let _ = session.disconnect(11, b"checked");
        let mut of_other = target.clone();
        of_other.user = other.to_vec();
        let none = Question {
            order: &[],
            ..*question
        };
        let (second, again) = begin(&of_other, &none);
        let Some(mut session) = again else {
            return shut(report, Shut::Ended);
        };
        return match enter(&mut session, &of_other, question, way, &second, trusted) {
            Ok(()) => Through {
                report,
                inside: Ok(Inside {
                    session,
                    sudo: false,
                }),
            },
            Err(why) => shut(report, why),
        };
    }
    let done = if report.accepted.is_some() || report.open {
        Err(Shut::NotNeeded)
    } else {
        enter(&mut session, target, question, way, &report, trusted)
    };
    // All that sshd had to say by now, its SSH_MSG_DEBUG too.
    report.wire = session.report.clone();
    Through {
        report,
        inside: done.map(|()| Inside {
            session,
            sudo: false,
        }),
    }
}

fn enter(
    session: &mut Session<Link>,
    target: &Target,
    question: &Question<'_>,
    way: &Way<'_>,
    report: &Report,
    trusted: &dyn Fn(&str) -> bool,
) -> Result<(), Shut> {
    match &report.stop {
        None | Some(Stop::Refusals) => {}
        Some(_) => return Err(Shut::Ended),
    }
    let last = match way {
        Way::Key(identity) => {
            let tried = offer(session, target, question, usize::MAX, identity);
            tried.signed.or(tried.query)
        }
        Way::Password(word) => {
            let known = matches!(report.host_key, Some(Standing::Known { .. }));
            if !known {
                let blob = session.report.host_key().map(|k| k.blob.clone());
                let print = blob
                    .and_then(|b| PublicKey::from_blob(&b).ok())
                    .map(|k| k.fingerprint())
                    .unwrap_or_default();
                if !trusted(&print) {
                    return Err(Shut::Stranger(print));
                }
            }
            let word = word().ok_or(Shut::NoPassword)?;
            let methods = report.methods.clone().unwrap_or_default();
            let has = |name: &[u8]| methods.split(|b| *b == b',').any(|m| m == name);
            let step = if !has(b"password") && has(b"keyboard-interactive") {
                Step::KeyboardInteractive(vec![word])
            } else {
                Step::Password(word)
            };
            Some(match session.step(&target.user, &step).outcome {
                StepOutcome::Success => Answer::Success,
                StepOutcome::Failure { methods, .. } => Answer::Refused(methods),
                StepOutcome::Ended(end) => Answer::Ended(end),
                _ => Answer::Odd,
            })
        }
    };
    match last {
        Some(Answer::Success) => session.prove_alive().map_err(|_| Shut::Ended),
        Some(Answer::Refused(methods) | Answer::Partial(methods)) => Err(Shut::Refused(methods)),
        Some(Answer::Ended(_)) => Err(Shut::Ended),
        _ => Err(Shut::Refused(Vec::new())),
    }
}

impl Inside {
    /// From now on scripts run through `sudo -n`, if that works without a password.
    pub fn try_sudo(&mut self) -> bool {
        self.sudo = true;
        let works = self.run(AM_I_ROOT).is_ok_and(|out| is_root(&out));
        self.sudo = works;
        works
    }

    /// Runs a script and gives what it printed.
    ///
    /// # Errors
    /// The server starts no command, or the connection ended: in words.
    pub fn run(&mut self, script: &str) -> Result<Vec<u8>, String> {
        let command = if self.sudo { SHELL_BY_SUDO } else { SHELL };
        let (output, end) = self.session.run(
            ChannelRequest::Exec(command.as_bytes().to_vec()),
            script.as_bytes().to_vec(),
            MOST,
        );
        if let Some((code, text)) = &output.open_failure {
            return Err(format!(
                "the server opens no session ({code}): {}",
                text.escape_ascii()
            ));
        }
        if output.request_accepted != Some(true) {
            return Err("the server runs no command for this account".into());
        }
        if let Some(end) = end {
            return Err(format!("the connection ended: {end:?}"));
        }
        Ok(output.stdout)
    }

    /// Ends it.
    pub fn end(mut self) {
        // SSH_DISCONNECT_BY_APPLICATION
        let _ = self.session.disconnect(11, b"checked");
    }
}
