//! The attempts that a question stands for: every address class, every end of the server.

use crate::certificate;
use sshwhy_report::Subject;
use sshwhy_verdict::{Judgement, Server, Verdict, address_classes, judge, local_ends};
use sshwhy_world::{Attempt, Local, OfferedKey, Peer, World};
use std::net::SocketAddr;

/// From where and to where, as far as it was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    pub(crate) from: Option<Peer>,
    pub(crate) to: Option<SocketAddr>,
}

/// The ends to try for one user.
pub(crate) struct Plan {
    peers: Vec<Peer>,
    locals: Vec<Local>,
    ends: Ends,
}

/// A judgement and which ends it is about.
pub(crate) struct Judged {
    pub(crate) judgement: Judgement,
    pub(crate) from: Option<Peer>,
    pub(crate) to: Option<SocketAddr>,
}

impl Plan {
    pub(crate) fn new(server: &Server, world: &dyn World, user: &[u8], ends: &Ends) -> Plan {
        let peers = match &ends.from {
            Some(peer) => vec![peer.clone()],
            None => address_classes(server, world, user)
                .into_iter()
                .map(|c| c.peer)
                .collect(),
        };
        let locals = match ends.to {
            Some(to) => vec![Local {
                addr: to.ip(),
                port: to.port(),
            }],
            None => local_ends(server),
        };
        Plan {
            peers,
            locals,
            ends: ends.clone(),
        }
    }

    /// Judges the key (or what a client offers for it, in order) from and to each end. One answer
    /// where all agree; otherwise one for each class of addresses, and where the server's ends
    /// tell apart, for each of them.
    pub(crate) fn judge(
        &self,
        server: &Server,
        world: &dyn World,
        user: &[u8],
        offers: &[OfferedKey],
    ) -> Vec<Judged> {
        let mut all: Vec<(Peer, Vec<(Local, Judgement)>)> = Vec::new();
        for peer in &self.peers {
            let answers = self
                .locals
                .iter()
                .map(|to| (*to, answer(server, world, user, offers, peer, *to)))
                .collect();
            all.push((peer.clone(), answers));
        }
        let same = |a: &Judgement, b: &Judgement| {
            let ids = |j: &Judgement| -> Vec<&str> {
                j.causes
                    .iter()
                    .chain(&j.after_login)
                    .map(|f| f.cause.id)
                    .collect()
            };
            a.verdict == b.verdict && ids(a) == ids(b)
        };
        let mut flat = all
            .iter()
            .flat_map(|(_, answers)| answers.iter().map(|(_, j)| j));
        let all_agree = match flat.next() {
            Some(first) => flat.all(|j| same(first, j)),
            None => return Vec::new(),
        };
        let mut out = Vec::new();
        for (peer, answers) in all {
            let ends_agree = match answers.split_first() {
                Some(((_, first), rest)) => rest.iter().all(|(_, j)| same(first, j)),
                None => true,
            };
            for (local, mut judgement) in answers {
                if all_agree && self.ends.from.is_none() {
                    unnamed_address(&mut judgement);
                }
                let from = if all_agree {
                    self.ends.from.clone()
                } else {
                    Some(peer.clone())
                };
                let to = if all_agree || ends_agree {
                    self.ends.to
                } else {
                    Some(SocketAddr::new(local.addr, local.port))
                };
                out.push(Judged {
                    judgement,
                    from,
                    to,
                });
                if all_agree {
                    return out;
                }
                if ends_agree {
                    break;
                }
            }
        }
        out
    }
}

/// Where no address was given and none matters, none is named.
fn unnamed_address(judgement: &mut Judgement) {
    let findings = judgement
        .causes
        .iter_mut()
        .chain(&mut judgement.after_login)
        .chain(&mut judgement.notes);
    for finding in findings {
        if finding.args.get("from").is_some() {
            finding.args.set("from", "<address>");
        }
    }
}

fn answer(
    server: &Server,
    world: &dyn World,
    user: &[u8],
    offers: &[OfferedKey],
    from: &Peer,
    to: Local,
) -> Judgement {
    let one = |key: Option<&OfferedKey>| {
        let attempt = Attempt {
            user: user.to_vec(),
            key: key.cloned(),
            from: from.clone(),
            to,
        };
        judge(server, world, &attempt)
    };
    match offers {
        [] => one(None),
        [key] => one(Some(key)),
        [first, second, ..] => {
            let answer = one(Some(first));
            if answer.verdict == Verdict::Accept {
                return answer;
            }
            certificate::combine(answer, one(Some(second)))
        }
    }
}

impl Judged {
    /// Names the ends in a subject.
    pub(crate) fn name_ends(&self, subject: &mut Subject) {
        subject.from = self.from.as_ref().map(|p| p.addr);
        subject.from_host = self.from.as_ref().and_then(|p| p.host.clone());
        subject.to = self.to;
    }
}
