//! Links on the way to what a plan changes.
//!
//! sshd follows links with the account's rights, and an account may link to what it likes: to
//! root's files, to another account's. Root changes nothing on the word of such a link but what
//! lies in a directory of the account itself. Whoever applies a plan looks again
//! ([`Root::leads`](crate::safe::Root::leads)).

use crate::change::NotDone;
use crate::plan::{Ask, Here, user_name};
use sshwhy_verdict::{Server, key_files};
use sshwhy_world::resolve::{MAX_LINKS, is_below, join, parent};
use sshwhy_world::{Account, Attempt, Kind, World};

/// The sticky bit, and who may rename in a directory without it.
const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o022;

/// A link that nobody vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bad {
    link: Vec<u8>,
    owner: u32,
    /// Others may write in its directory.
    open: bool,
}

/// A node on a way, and who led there.
struct Seen {
    at: Vec<u8>,
    /// Not root: an account's link lies before it.
    led_by: Option<u32>,
    /// The last link of an account.
    link: Vec<u8>,
    bad: Option<Bad>,
}

/// How the server comes to a path.
enum Way {
    /// Without any link that an account can change.
    Plain,
    /// By a link of the account, under this name.
    Link(Vec<u8>),
    /// By a link that is not followed.
    Never(Vec<u8>),
}

/// Every node on the way of a name, links followed as the kernel does.
fn walk(world: &dyn World, name: &[u8], account: u32) -> Vec<Seen> {
    let parts = |path: &[u8]| -> Vec<Vec<u8>> {
        let all = path.split(|&b| b == b'/').rev();
        all.filter(|n| !n.is_empty() && *n != b".")
            .map(<[u8]>::to_vec)
            .collect()
    };
    let lstat = |path: &[u8]| world.lstat(path).ok().and_then(Result::ok);
    let mut rest = parts(name);
    let mut here = b"/".to_vec();
    let (mut links, mut led_by, mut bad) = (0, None, None);
    let mut link = Vec::new();
    let mut out = Vec::new();
    while let Some(name) = rest.pop() {
        if name == b".." {
            here = parent(&here).to_vec();
            continue;
        }
        let at = join(&here, &name);
        if let Some(node) = lstat(&at)
            && let Kind::Link(target) = &node.kind
        {
            links += 1;
            let Some(around) = lstat(&here) else { break };
            let open = around.mode & OTHERS_WRITE != 0 && around.mode & STICKY == 0;
            let ours = |uid: u32| uid == 0 || uid == account;
            if bad.is_none() && (open || !ours(node.uid) || !ours(around.uid)) {
                bad = Some(Bad {
                    link: at.clone(),
                    owner: node.uid,
                    open,
                });
            }
            let by = if node.uid == 0 { around.uid } else { node.uid };
            if by != 0 {
                led_by = Some(by);
                link.clone_from(&at);
            }
            if links > MAX_LINKS {
                break;
            }
            if target.starts_with(b"/") {
                here = b"/".to_vec();
            }
            rest.extend(parts(target));
            continue;
        }
        here.clone_from(&at);
        out.push(Seen {
            at,
            led_by,
            link: link.clone(),
            bad: bad.clone(),
        });
    }
    out
}

/// How the server comes to `path`: by the names of the account's files and of the configuration.
fn way(
    world: &dyn World,
    server: &Server,
    config: &[u8],
    account: Option<&Account>,
    path: &[u8],
) -> Way {
    let uid = account.map_or(0, |a| a.uid);
    let mut names: Vec<Vec<u8>> = vec![config.to_vec()];
    names.extend(server.config.files().iter().map(|f| f.to_vec()));
    if let Some(account) = account {
        names.push(account.home.clone());
        // Dropbear's, and where sshd's own files of an account lie.
        names.push(join(&account.home, b".ssh/authorized_keys"));
        names.extend(key_files(server, account));
    }
    // The nearest node that is on any way: what lies below a link's target came by that link.
    let mut best: Option<(usize, Way)> = None;
    for name in names {
        for seen in walk(world, &name, uid) {
            if !is_below(path, &seen.at) {
                continue;
            }
            let this = judge(world, uid, &name, &seen, path);
            let better = match &best {
                None => true,
                Some((len, old)) => {
                    seen.at.len() > *len
                        || seen.at.len() == *len
                            && matches!(this, Way::Plain)
                            && !matches!(old, Way::Plain)
                }
            };
            if better {
                best = Some((seen.at.len(), this));
            }
        }
    }
    best.map_or(Way::Plain, |(_, way)| way)
}

fn judge(world: &dyn World, account: u32, name: &[u8], seen: &Seen, path: &[u8]) -> Way {
    if let Some(bad) = &seen.bad {
        let whose = if bad.open {
            b"others may replace".to_vec()
        } else {
            [&user_name(world, bad.owner)[..], b" can change"].concat()
        };
        let why = [
            b"it is reached through the link ",
            bad.link.as_slice(),
            b", which ",
            &whose,
            b": it could lead anywhere by then",
        ];
        return Way::Never(why.concat());
    }
    let Some(by) = seen.led_by else {
        return Way::Plain;
    };
    let dir = world.lstat(parent(path)).ok().and_then(Result::ok);
    // A directory that the plan makes is the account's.
    if by == account && dir.is_none_or(|d| d.uid == account) {
        return Way::Link(name.to_vec());
    }
    let why = [
        path,
        b" is reached through the link ",
        seen.link.as_slice(),
        b" of ",
        &user_name(world, by),
        b", and lies in no directory of that account: nothing is changed there on its word",
    ];
    Way::Never(why.concat())
}

/// Why a path is not changed: the link by which the server comes to it.
pub(crate) fn refused(here: &Here<'_, '_>, path: &[u8]) -> Option<Vec<u8>> {
    let world = here.ask.world;
    let account = here.account.as_ref();
    match way(world, here.server, here.ask.config, account, path) {
        Way::Never(why) => Some(why),
        Way::Plain | Way::Link(_) => None,
    }
}

/// What people do instead: what helps where no link is in the way would change what it leads to.
pub(crate) fn not_done(cause: &'static str, why: Vec<u8>) -> NotDone {
    NotDone {
        cause,
        why,
        instead:
            b"whoever made the link takes it away; or root makes one in its place, if what it \
                   leads to is meant"
                .to_vec(),
        commands: Vec::new(),
    }
}

/// The name by which the server comes to a changed path, where an account's own link lies on that
/// way.
pub(crate) fn by(
    ask: &Ask<'_>,
    server: &Server,
    attempt: &Attempt,
    path: &[u8],
) -> Option<Vec<u8>> {
    let account = ask.world.account(&attempt.user).ok().flatten();
    match way(ask.world, server, ask.config, account.as_ref(), path) {
        Way::Link(name) => Some(name),
        Way::Plain | Way::Never(_) => None,
    }
}
