//! One walk of one attempt through the gates.

use crate::conf::{Conf, Kw};
use crate::server::Server;
use crate::{
    Gate, Outcome, Step, account, algorithm, certificate, dropbear, hosts_access, listener, method,
    negotiation, pam, revoked, root, signature, sources,
};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::Options;
use sshwhy_causes::{Args, Certainty, Finding};
use sshwhy_world::{Account, Attempt, Build, Cred, Feature, Gap, Software, Vendor, World};

/// Why a gate did not let the attempt through.
pub(crate) enum Stop {
    /// It refuses.
    Refused(Box<Finding>),
    /// A fact is missing. With it, where one fits, the cause that it may be.
    Unknown(Gap, Option<Box<Finding>>),
    /// An earlier gate that was left open withholds what this one needs.
    Skipped,
}

impl From<Gap> for Stop {
    fn from(gap: Gap) -> Self {
        Stop::Unknown(gap, None)
    }
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Stop::Refused(Box::new(finding))
    }
}

/// What let the key in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Granted {
    /// The options of the line, where a line did it.
    pub(crate) options: Option<Options>,
    /// Where: file and line.
    pub(crate) origin: Vec<u8>,
    pub(crate) file: Vec<u8>,
    pub(crate) line: u64,
    /// The command that the key or its certificate forces.
    pub(crate) command: Option<Vec<u8>>,
    /// The certificate carries the command.
    pub(crate) command_from_cert: bool,
    /// No touch is needed for a FIDO key.
    pub(crate) no_touch: bool,
    /// User verification is needed for a FIDO key.
    pub(crate) verify: bool,
    /// What the options of a principals line refuse, which is asked after the certificate's own.
    pub(crate) refused: Option<Box<Finding>>,
}

/// The state of one walk.
pub(crate) struct Pass<'a> {
    pub(crate) server: &'a Server,
    pub(crate) world: &'a dyn World,
    pub(crate) attempt: &'a Attempt,
    pub(crate) conf: Conf<'a>,
    /// The user name after sshd cut what follows `:` (and, on some builds, `/`).
    pub(crate) user: Vec<u8>,
    /// What it cut off.
    pub(crate) suffix: Suffix,
    pub(crate) account: Option<Account>,
    pub(crate) cred: Option<Cred>,
    pub(crate) granted: Option<Granted>,
    pub(crate) trace: Vec<Step>,
    pub(crate) gaps: Vec<Gap>,
    /// Findings that a missing fact leaves open.
    pub(crate) open: Vec<Finding>,
    /// Lines with the key that were passed over before one was accepted.
    pub(crate) skipped_lines: Vec<Finding>,
    /// What gates noticed and did not act on.
    pub(crate) notes: Vec<Finding>,
    /// PAM wants the password changed before anything else.
    pub(crate) new_password: bool,
    /// Detail of the gate under way.
    pub(crate) detail: Vec<u8>,
}

type GateFn = for<'p, 'a> fn(&'p mut Pass<'a>) -> Gate;

/// The gates of OpenSSH, in the order in which sshd comes to them.
const GATES: &[(&str, GateFn)] = &[
    ("server_start", listener::starts),
    ("server_listen", listener::listens),
    ("hosts_access", hosts_access::hosts_access),
    ("kex_choose_conf", negotiation::kex_choose_conf),
    ("parse_server_match_config", listener::match_config),
    ("getpwnam", account::exists),
    ("platform_locked_account", account::not_locked),
    ("login_shell", account::shell),
    ("allowed_user", account::allowed),
    ("refuse_connection", listener::refuse_connection),
    ("start_pam", pam::starts),
    ("authmethod_lookup", method::publickey_next),
    ("key_from_blob", algorithm::parses),
    ("pubkey_algorithm", algorithm::accepted),
    ("ca_signature_algorithm", certificate::signature_algorithm),
    ("required_rsa_size", algorithm::long_enough),
    ("auth_key_is_revoked", revoked::not_revoked),
    ("user_key_allowed", sources::key_allowed),
    ("key_verify", signature::verifies),
    ("auth_root_allowed", root::allowed),
    ("auth2_update_methods_lists", method::enough),
    ("do_pam_account", pam::account_phase),
];

/// Gates whose answer is the same for every attempt, since it hangs on the global section and on
/// files that no mend touches: once passed, they are not asked again.
const ONCE: &[&str] = &["server_start", "kex_choose_conf"];

/// The gates of Dropbear.
const DROPBEAR_GATES: &[(&str, GateFn)] = &[
    ("server_listen", listener::listens),
    ("getpwnam", account::exists),
    ("checkusername", dropbear::shell_listed),
    ("svr_opts_norootlogin", dropbear::root),
    ("pubkey_algorithm", dropbear::algorithm_known),
    ("key_from_blob", algorithm::parses),
    ("checkpubkey", dropbear::key_allowed),
    ("key_verify", signature::verifies),
];

impl<'a> Pass<'a> {
    pub(crate) fn new(server: &'a Server, world: &'a dyn World, attempt: &'a Attempt) -> Self {
        let (user, suffix) = cut_user(world.build(), &attempt.user);
        let conf = Conf::new(server, world, attempt, &user);
        Pass {
            server,
            world,
            attempt,
            conf,
            user,
            suffix,
            account: None,
            cred: None,
            granted: None,
            trace: Vec::with_capacity(GATES.len()),
            gaps: Vec::new(),
            open: Vec::new(),
            skipped_lines: Vec::new(),
            notes: Vec::new(),
            new_password: false,
            detail: Vec::new(),
        }
    }

    /// Walks through all gates. The first refusal ends it; a gap does not, since a later gate may
    /// refuse whatever the missing fact is.
    pub(crate) fn run(&mut self) -> Option<Finding> {
        let mut gates = match self.world.build().software {
            Software::OpenSsh => GATES.iter(),
            Software::Dropbear => DROPBEAR_GATES.iter(),
        };
        let mut refusal = None;
        for (name, gate) in gates.by_ref() {
            self.detail.clear();
            let once = ONCE.contains(name);
            let settled = once && self.server.settled.borrow().contains(name);
            let answer = if settled { Ok(()) } else { gate(self) };
            if once && answer.is_ok() && !settled {
                self.server.settled.borrow_mut().push(name);
            }
            let outcome = match answer {
                Ok(()) => Outcome::Pass,
                Err(Stop::Skipped) => Outcome::Skipped,
                Err(Stop::Unknown(gap, finding)) => {
                    if self.detail.is_empty() {
                        self.detail = gap.what.clone().into_bytes();
                    }
                    if !self.gaps.contains(&gap) {
                        self.gaps.push(gap.clone());
                    }
                    if let Some(mut finding) = finding {
                        self.dress(&mut finding);
                        finding.certainty = Certainty::Possible;
                        finding.gap = Some(gap);
                        self.open.push(*finding);
                    }
                    Outcome::Unknown
                }
                Err(Stop::Refused(mut finding)) => {
                    self.dress(&mut finding);
                    if self.detail.is_empty() {
                        self.detail = finding.cause.id.as_bytes().to_vec();
                    }
                    refusal = Some(*finding);
                    Outcome::Fail
                }
            };
            self.trace.push(Step {
                gate: name,
                outcome,
                detail: core::mem::take(&mut self.detail),
            });
            if outcome == Outcome::Fail {
                break;
            }
        }
        for (name, _) in gates {
            self.trace.push(Step {
                gate: name,
                outcome: Outcome::Skipped,
                detail: Vec::new(),
            });
        }
        refusal
    }

    /// What every finding of this attempt may name.
    pub(crate) fn base(&self) -> Args {
        let mut base = Args::new();
        base.set("user", self.user.as_slice())
            .set("from", self.attempt.from.addr.to_string())
            .set("build", self.server.title.as_str())
            .set(
                "unit",
                if self.world.build().vendor == Vendor::Debian {
                    "ssh"
                } else {
                    "sshd"
                },
            );
        if let Some(key) = &self.attempt.key {
            let fingerprint = match &key.key {
                Ok(key) => key.fingerprint(),
                Err(_) => sshwhy_keys::fingerprint::sha256(&key.blob),
            };
            base.set("keytype", key.type_name())
                .set("fingerprint", fingerprint);
        }
        if let Some(account) = &self.account {
            base.set("uid", account.uid.to_string())
                .set("home", account.home.as_slice())
                .set("shell", account.effective_shell());
        }
        base
    }

    /// Adds what every finding of this attempt may name, and a way past it for judging on.
    pub(crate) fn dress(&self, finding: &mut Finding) {
        finding.args.fill(&self.base());
        if finding.mend.is_empty() {
            finding
                .mend
                .push(sshwhy_world::Mend::Pass(finding.cause.id));
        }
    }

    /// Refuses, unless the mended world counts this cause as passed.
    pub(crate) fn refuse(&self, finding: Finding) -> Gate {
        if self.world.waived(finding.cause.id) {
            Ok(())
        } else {
            Err(finding.into())
        }
    }

    /// The account, or nothing where an earlier gate left it open.
    pub(crate) fn account(&self) -> Gate<&Account> {
        self.account.as_ref().ok_or(Stop::Skipped)
    }

    /// The account's rights.
    pub(crate) fn cred(&self) -> Gate<&Cred> {
        self.cred.as_ref().ok_or(Stop::Skipped)
    }

    /// Whether this build behaves so.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.world.build().has(feature)
    }

    /// Whether this build reads a keyword.
    pub(crate) fn knows(&self, kw: Kw) -> bool {
        self.server.config.dialect().knows(kw)
    }

    /// Puts words into the trace.
    pub(crate) fn say(&mut self, detail: impl Into<Vec<u8>>) {
        self.detail = detail.into();
    }
}

/// What was cut off the user name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Suffix {
    /// The sign at which it was cut.
    pub(crate) at: Option<u8>,
    /// The monitor holds the signature against another name than the one the client signed.
    pub(crate) breaks_signature: bool,
}

/// `input_userauth_request`: a style behind `:` is cut off, and by some builds a role behind `/`.
/// The monitor never hears of the role, and takes an empty style for none.
pub(crate) fn cut_user(build: &Build, typed: &[u8]) -> (Vec<u8>, Suffix) {
    let mut suffix = Suffix::default();
    let mut user = typed;
    if build.software != Software::OpenSsh {
        return (user.to_vec(), suffix);
    }
    if build.has(Feature::SelinuxRole)
        && let Some(at) = user.iter().position(|&b| b == b'/')
    {
        user = &user[..at];
        suffix.at = Some(b'/');
        suffix.breaks_signature = true;
    }
    if let Some(at) = user.iter().position(|&b| b == b':') {
        suffix.breaks_signature |= at + 1 == user.len();
        suffix.at = suffix.at.or(Some(b':'));
        user = &user[..at];
    }
    (user.to_vec(), suffix)
}
