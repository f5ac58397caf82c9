//! The causes that an agent's answer, or its silence, proves.

use crate::identity::AgentState;
use crate::local;
use crate::proven::Case;
use sshwhy_causes::{Certainty, Finding};
use std::os::unix::ffi::OsStrExt;

impl Case<'_> {
    /// There is nothing to offer at all.
    pub(crate) fn no_key(&self) -> Vec<Option<Finding>> {
        let bytes = |p: &std::path::Path| p.as_os_str().as_bytes().to_vec();
        let named = |id, path: &std::path::Path, origin: &str| {
            self.finding(id)
                .map(|f| f.arg("path", bytes(path)).arg("origin", origin))
        };
        match &self.offers.agent {
            AgentState::Answered(path, _) => {
                // Empty and locked look alike.
                let mut locked = named("agent-locked", path, "SSH_AUTH_SOCK");
                if let Some(f) = &mut locked {
                    f.certainty = Certainty::Possible;
                }
                let mut missing = self
                    .finding("client-key-missing")
                    .map(|f| f.arg("path", "~/.ssh/id_ed25519, or another of the usual names"));
                if let Some(f) = &mut missing {
                    f.certainty = Certainty::Likely;
                }
                vec![missing, locked]
            }
            AgentState::NotAsked => {
                vec![
                    self.finding("client-key-missing")
                        .map(|f| f.arg("path", "~/.ssh/id_ed25519, or another of the usual names")),
                ]
            }
            silent => {
                vec![self.no_agent(silent, "SSH_AUTH_SOCK is not set, and no key file is there")]
            }
        }
    }

    /// No agent answers.
    fn no_agent(&self, state: &AgentState, unnamed: &str) -> Option<Finding> {
        let with = |id, path: &std::path::Path| {
            let path = path.as_os_str().as_bytes();
            self.finding(id)
                .map(|f| f.arg("path", path).arg("origin", "SSH_AUTH_SOCK"))
        };
        let why = match state {
            AgentState::Gone(path) => return with("agent-forwarding-gone", path),
            AgentState::Stale(path) => return with("agent-socket-stale", path),
            AgentState::Absent(path) => format!("there is no socket {}", path.display()),
            AgentState::Silent(path, why) => format!("{}: {why}", path.display()),
            AgentState::NotNamed => unnamed.to_owned(),
            AgentState::NotAsked | AgentState::Answered(..) => return None,
        };
        self.finding("agent-not-running")
            .map(|f| f.arg("reason", why))
    }

    /// A public half was given, and what would sign has to be an agent.
    pub(crate) fn half_alone(&self) -> Option<Finding> {
        let AgentState::Answered(agent, count) = &self.offers.agent else {
            let unnamed = "SSH_AUTH_SOCK is not set, and of the key there is the public half alone";
            return self.no_agent(&self.offers.agent, unnamed);
        };
        let identity = self.identity()?;
        let source = identity.source();
        let finding = self
            .finding("key-not-in-agent")?
            .arg("path", agent.as_os_str().as_bytes())
            .arg("count", count.to_string());
        // The private half beside it may be added.
        let private = source.strip_suffix(b".pub");
        Some(match private.filter(|p| local::path(p).is_file()) {
            Some(private) => finding.arg("file", private),
            None => finding,
        })
    }

    /// A key that the agent keeps for certain destinations.
    pub(crate) fn elsewhere(&self, allowed: &[Vec<u8>]) -> Option<Finding> {
        let names = [&self.target.typed, &self.target.host, &self.target.alias];
        let here = |to: &Vec<u8>| {
            let last = to.rsplit(|b| *b == b'>').next().unwrap_or_default();
            let host = last.rsplit(|b| *b == b'@').next().unwrap_or_default();
            names.iter().any(|n| n.eq_ignore_ascii_case(host))
        };
        if allowed.iter().any(here) {
            // OpenSSH's own client would get its signature.
            return None;
        }
        let mut finding = self.finding("client-agent-constraint")?;
        let told = allowed.join(&b", "[..]);
        if allowed.is_empty() {
            finding.certainty = Certainty::Likely;
            return Some(finding.arg("allowed", "certain hosts, which this agent does not tell"));
        }
        Some(finding.arg("allowed", told))
    }
}
