//! Two processes: one speaks to the network and knows nothing, one knows and speaks to nobody.
//!
//! The first runs as an unprivileged user in an empty directory that is no longer there, from before
//! the first byte of the network is read. It has the listening socket, and a line to the second
//! process, which answers two questions: what becomes of this user, key and address, and what the
//! host key's signature over this exchange hash is. Everything else on the line is for the operator
//! to read. Whatever comes over the line is taken for a stranger's.

use crate::accept::{Serving, accept};
use crate::engine::{Key, Proof, Question};
use crate::limits::{Closed, Door, Limits};
use crate::offer;
use crate::parent::{About, Here, Parent};
use crate::told::Told;
use crate::{Config, What};
use rustix::fs::{Mode, mkdirat, open};
use sshwhy_wire::data::{Reader, put_bool, put_string, put_u8, put_u32};
use sshwhy_wire::server::ServerKey;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Longest message on the line, in bytes: a request of the network's side holds no more than one
/// packet of SSH.
const MOST: u32 = 512 << 10;
/// Questions that may be open at a time.
const OPEN: usize = 64;
/// Messages that may wait to be written.
const WAITING: usize = 256;
/// Longest text of a report to the operator, in bytes.
const TEXT: usize = 1024;

/// Kinds of messages.
mod kind {
    pub(super) const HELLO: u8 = 1;
    pub(super) const SIGN: u8 = 2;
    pub(super) const EXPLAIN: u8 = 3;
    pub(super) const CLOSED: u8 = 4;
    pub(super) const BROKEN: u8 = 5;
    pub(super) const ENDED: u8 = 6;
    pub(super) const ANSWER: u8 = 7;
    pub(super) const STOP: u8 = 8;
}

/// Who the network's side becomes.
#[derive(Clone, Copy, Debug)]
pub struct Nobody {
    /// Its user.
    pub uid: u32,
    /// Its group; it has no other.
    pub gid: u32,
}

// ---------------------------------------------------------------- the side that knows

/// The process that speaks to the network, as its parent has it. It ends with it.
pub(crate) struct Network(Child);

impl Network {
    /// Starts `program` (with its arguments), which has to call [`network`], and gives back the line
    /// to it.
    pub(crate) fn start(
        program: &[OsString],
        listener: &TcpListener,
    ) -> io::Result<(Network, StdStream)> {
        let (ours, theirs) = StdStream::pair()?;
        let [program, args @ ..] = program else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no program"));
        };
        let child = Command::new(program)
            .args(args)
            .env_clear()
            // A terminal's signals are for the parent, which ends it in its own time.
            .process_group(0)
            .stdin(Stdio::from(listener.as_fd().try_clone_to_owned()?))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .spawn()?;
        ours.set_nonblocking(true)?;
        Ok((Network(child), ours))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers one network process until it hangs up; once `stop` says so it is told to take no more
/// connections. `now` is asked for each question.
///
/// # Errors
/// The line broke, or what came over it is not its protocol.
pub(crate) async fn answer(
    line: StdStream,
    now: impl Fn() -> Here,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let (mut read, mut write) = UnixStream::from_std(line)?.into_split();
    let (tell, mut told) = mpsc::channel::<Vec<u8>>(WAITING);
    write.write_all(&hello(&now().config)).await?;
    let writing = tokio::spawn(async move {
        while let Some(message) = told.recv().await {
            if write.write_all(&message).await.is_err() {
                break;
            }
        }
    });
    let last = tell.downgrade();
    let stopping = tokio::spawn(async move {
        let asked = stop.wait_for(|stop| *stop).await.is_ok();
        if let Some(tell) = last.upgrade().filter(|_| asked) {
            let _ = tell.send(framed(&[kind::STOP])).await;
        }
    });
    let open = Arc::new(Semaphore::new(OPEN));
    let heard = async {
        while let Some(message) = frame(&mut read).await? {
            let here = now();
            match Asked::parse(&message) {
                Some(Asked::Sign(number, key, algorithm, hash)) => {
                    let (permit, tell) = (open.clone().acquire_owned().await, tell.clone());
                    tokio::spawn(async move {
                        let signature = here.sign(key, algorithm, hash).await.unwrap_or_default();
                        let _ = tell.send(reply(number, &signature)).await;
                        drop(permit);
                    });
                }
                Some(Asked::Explain(number, about, question)) => {
                    let (permit, tell) = (open.clone().acquire_owned().await, tell.clone());
                    tokio::spawn(async move {
                        let told = here.explain(&about, question).await;
                        let _ = tell.send(reply(number, &[told.number()])).await;
                        drop(permit);
                    });
                }
                Some(Asked::Report(about, what)) => here.say(&about, what),
                None => {
                    let why = "the process that speaks to the network broke its protocol";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, why));
                }
            }
        }
        Ok(())
    }
    .await;
    stopping.abort();
    drop(tell);
    let _ = writing.await;
    heard
}

/// One message from the network's side.
enum Asked {
    Sign(u32, usize, Vec<u8>, Vec<u8>),
    Explain(u32, About, Question),
    Report(About, What),
}

fn about(r: &mut Reader<'_>) -> Option<About> {
    let number = u64::from_be_bytes(r.bytes(8)?.try_into().ok()?);
    let mut end = || std::str::from_utf8(r.string()?).ok()?.parse().ok();
    Some(About {
        number,
        from: end()?,
        to: end()?,
    })
}

impl Asked {
    fn parse(message: &[u8]) -> Option<Asked> {
        let mut r = Reader::new(message);
        let kind = r.u8()?;
        let asked = match kind {
            kind::SIGN => {
                let (number, key) = (r.u32()?, usize::try_from(r.u32()?).ok()?);
                let (algorithm, hash) = (r.string()?.to_vec(), r.string()?);
                // An exchange hash, and no other text, is signed.
                if !matches!(hash.len(), 32 | 48 | 64) {
                    return None;
                }
                Asked::Sign(number, key, algorithm, hash.to_vec())
            }
            kind::EXPLAIN => {
                let number = r.u32()?;
                let about = about(&mut r)?;
                let user = r.string()?.to_vec();
                let key = if r.boolean()? {
                    Some(Key {
                        blob: r.string()?.to_vec(),
                        algorithm: r.string()?.to_vec(),
                    })
                } else {
                    None
                };
                let proof = match r.u8()? {
                    0 => Proof::None,
                    1 => Proof::Bad,
                    bits @ (2 | 6 | 10 | 14) => Proof::Good {
                        touched: bits & 4 != 0,
                        verified: bits & 8 != 0,
                    },
                    _ => return None,
                };
                let question = Question {
                    user,
                    key,
                    proof,
                    from: about.from,
                    to: about.to,
                };
                Asked::Explain(number, about, question)
            }
            kind::CLOSED => {
                let about = about(&mut r)?;
                Asked::Report(about, What::Closed(Closed::by_number(r.u8()?)?))
            }
            kind::BROKEN | kind::ENDED => {
                let about = about(&mut r)?;
                let said = r.boolean()?;
                let text = r.string()?;
                let text = String::from_utf8_lossy(text.get(..text.len().min(TEXT))?).into_owned();
                Asked::Report(
                    about,
                    match kind {
                        kind::BROKEN => What::Broken(text),
                        _ => What::Ended(said.then_some(text)),
                    },
                )
            }
            _ => return None,
        };
        r.rest().is_empty().then_some(asked)
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 4);
    put_string(&mut out, body);
    out
}

fn reply(number: u32, answer: &[u8]) -> Vec<u8> {
    let mut body = vec![kind::ANSWER];
    put_u32(&mut body, number);
    put_string(&mut body, answer);
    framed(&body)
}

/// What the network's side has to know.
fn hello(config: &Config) -> Vec<u8> {
    let mut body = vec![kind::HELLO];
    let limits = &config.limits;
    for number in [
        limits.connections,
        limits.per_source,
        limits.tries,
        limits.sessions,
    ] {
        put_u32(&mut body, u32::try_from(number).unwrap_or(u32::MAX));
    }
    for time in [limits.grace, limits.penalty] {
        put_u32(
            &mut body,
            u32::try_from(time.as_millis()).unwrap_or(u32::MAX),
        );
    }
    put_bool(&mut body, config.post_quantum_only);
    for key in offer::server_keys(config) {
        put_string(&mut body, &key.blob);
        put_string(&mut body, &key.algorithms.join(&b","[..]));
    }
    framed(&body)
}

/// One message off the line; `None` at its end.
async fn frame<R: AsyncRead + Unpin>(read: &mut R) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0u8; 4];
    match read.read_exact(&mut head).await {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    };
    let length = u32::from_be_bytes(head);
    if length > MOST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message that is too long",
        ));
    }
    let mut body = vec![0u8; usize::try_from(length).unwrap_or(usize::MAX)];
    read.read_exact(&mut body).await?;
    Ok(Some(body))
}

// ---------------------------------------------------------------- the side of the network

/// The network's end of the line.
#[derive(Clone)]
pub(crate) struct Line {
    tell: mpsc::Sender<Vec<u8>>,
    next: Arc<AtomicU32>,
    open: Arc<Mutex<HashMap<u32, oneshot::Sender<Vec<u8>>>>>,
}

impl Line {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u32, oneshot::Sender<Vec<u8>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, kind: u8, rest: &[u8]) -> Option<Vec<u8>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.waiting().insert(number, answer);
        let mut body = vec![kind];
        put_u32(&mut body, number);
        body.extend_from_slice(rest);
        let sent = self.tell.send(framed(&body)).await;
        let got = match sent {
            Ok(()) => answered.await.ok(),
            Err(_) => None,
        };
        self.waiting().remove(&number);
        got
    }

    pub(crate) async fn sign(&self, key: usize, algorithm: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        put_u32(&mut body, u32::try_from(key).ok()?);
        put_string(&mut body, algorithm);
        put_string(&mut body, hash);
        self.ask(kind::SIGN, &body).await.filter(|s| !s.is_empty())
    }

    pub(crate) async fn explain(&self, about: &About, question: &Question) -> Told {
        let mut body = Vec::new();
        put_about(&mut body, about);
        put_string(&mut body, &question.user);
        put_bool(&mut body, question.key.is_some());
        if let Some(key) = &question.key {
            put_string(&mut body, &key.blob);
            put_string(&mut body, &key.algorithm);
        }
        put_u8(
            &mut body,
            match question.proof {
                Proof::None => 0,
                Proof::Bad => 1,
                Proof::Good { touched, verified } => {
                    2 | u8::from(touched) << 2 | u8::from(verified) << 3
                }
            },
        );
        let answer = self.ask(kind::EXPLAIN, &body).await;
        answer
            .and_then(|a| Told::by_number(*a.first()?))
            .unwrap_or(Told::NotAccepted)
    }

    /// Tells the operator. What does not fit onto the line is dropped: it is about a flood.
    pub(crate) fn say(&self, about: &About, what: &What) {
        let mut body = Vec::new();
        let (kind, text) = match what {
            What::Closed(why) => {
                put_u8(&mut body, kind::CLOSED);
                put_about(&mut body, about);
                put_u8(&mut body, why.number());
                let _ = self.tell.try_send(framed(&body));
                return;
            }
            What::Broken(why) => (kind::BROKEN, Some(why)),
            What::Ended(why) => (kind::ENDED, why.as_ref()),
            // These come from the other side alone.
            What::Attempt(_) | What::Session(_) => return,
        };
        put_u8(&mut body, kind);
        put_about(&mut body, about);
        put_bool(&mut body, text.is_some());
        let text = text.map_or(&b""[..], |t| t.as_bytes());
        put_string(
            &mut body,
            text.get(..text.len().min(TEXT)).unwrap_or_default(),
        );
        let _ = self.tell.try_send(framed(&body));
    }

    /// Hands answers to who asked; says `stop` when the parent does, or is gone.
    async fn listen(self, mut read: OwnedReadHalf, stop: watch::Sender<bool>) {
        while let Ok(Some(message)) = frame(&mut read).await {
            let mut r = Reader::new(&message);
            match r.u8() {
                Some(kind::ANSWER) => {}
                Some(kind::STOP) => {
                    let _ = stop.send(true);
                    continue;
                }
                _ => break,
            }
            let (Some(number), Some(answer)) = (r.u32(), r.string()) else {
                break;
            };
            if let Some(waiting) = self.waiting().remove(&number) {
                let _ = waiting.send(answer.to_vec());
            }
        }
        // Whoever still waits hears that nobody answers.
        self.waiting().clear();
        let _ = stop.send(true);
    }
}

fn put_about(out: &mut Vec<u8>, about: &About) {
    out.extend_from_slice(&about.number.to_be_bytes());
    put_string(out, about.from.to_string().as_bytes());
    put_string(out, about.to.to_string().as_bytes());
}

/// Becomes the process that speaks to the network: standard input is the listening socket, standard
/// output the line. Comes back when the line was hung up and the connections are over.
///
/// # Errors
/// It cannot give up what it has, or the line is broken.
pub fn network(nobody: Nobody, patience: Duration) -> io::Result<()> {
    close_the_rest()?;
    give_up(nobody)?;
    let listener = TcpListener::from(rustix::stdio::stdin().try_clone_to_owned()?);
    let line = StdStream::from(rustix::stdio::stdout().try_clone_to_owned()?);
    listener.set_nonblocking(true)?;
    line.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .enable_time()
        .thread_name("network")
        .build()?;
    runtime.block_on(async move {
        let (mut read, mut write) = UnixStream::from_std(line)?.into_split();
        let greeting = frame(&mut read).await?;
        let bad = || io::Error::new(io::ErrorKind::InvalidData, "no greeting");
        let (limits, post_quantum, keys) = greeting.as_deref().and_then(greeted).ok_or_else(bad)?;
        let (tell, mut told) = mpsc::channel::<Vec<u8>>(WAITING);
        tokio::spawn(async move {
            while let Some(message) = told.recv().await {
                if write.write_all(&message).await.is_err() {
                    break;
                }
            }
        });
        let line = Line {
            tell,
            next: Arc::default(),
            open: Arc::default(),
        };
        let serving = Serving {
            limits,
            parent: Parent::Apart(line.clone()),
            // Nobody is let in here: keys are not renewed.
            wire: Arc::new(offer::offer(keys, post_quantum, u64::MAX)),
        };
        let (stop, stopped) = watch::channel(false);
        let door = Door::default();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let serving = Arc::new(RwLock::new(Arc::new(serving)));
        let mut ending = stopped.clone();
        tokio::spawn(accept(listener, serving, door.clone(), stopped));
        tokio::spawn(line.listen(read, stop));
        let _ = ending.wait_for(|stop| *stop).await;
        let until = Instant::now() + patience;
        while door.open() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    })
}

fn greeted(message: &[u8]) -> Option<(Limits, bool, Vec<ServerKey>)> {
    let mut r = Reader::new(message);
    if r.u8()? != kind::HELLO {
        return None;
    }
    let mut count = || usize::try_from(r.u32()?).ok();
    let (connections, per_source, tries, sessions) = (count()?, count()?, count()?, count()?);
    let mut time = || Some(Duration::from_millis(u64::from(r.u32()?)));
    let (grace, penalty) = (time()?, time()?);
    let post_quantum = r.boolean()?;
    let mut keys = Vec::new();
    while !r.rest().is_empty() {
        let blob = r.string()?.to_vec();
        let algorithms = r.string()?.split(|b| *b == b',').map(<[u8]>::to_vec);
        keys.push(ServerKey {
            blob,
            algorithms: algorithms.collect(),
        });
    }
    let limits = Limits {
        connections,
        per_source,
        grace,
        tries,
        penalty,
        sessions,
    };
    Some((limits, post_quantum, keys))
}

/// Closes what whoever started the parent left open: a descriptor is a way out of an empty directory.
#[allow(
    unsafe_code,
    reason = "close_range(2) has no safe form: descriptors are closed whoever has them"
)]
fn close_the_rest() -> io::Result<()> {
    // SAFETY: nothing in this process has a descriptor above standard error yet. It has just been
    // started for this alone: one thread, no runtime, no file open.
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    if done == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

/// Gives up root: an empty directory for a root, one user, no groups, no way back. This process has
/// one thread yet: what is set for a thread is set for all of it.
fn give_up(nobody: Nobody) -> io::Result<()> {
    use rustix::process::{Gid, Resource, Rlimit, Uid, setrlimit};
    use rustix::thread::{
        set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
    };
    if nobody.uid == 0 || nobody.gid == 0 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "root is no user to become",
        ));
    }
    let empty = Empty::new()?;
    rustix::process::chdir(&empty.path)?;
    rustix::process::chroot(".")?;
    empty.remove()?;
    set_thread_groups(&[])?;
    let (gid, uid) = (Gid::from_raw(nobody.gid), Uid::from_raw(nobody.uid));
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    set_no_new_privs(true)?;
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    // No file may grow, no core be left.
    for what in [Resource::Fsize, Resource::Core] {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(what, none)?;
    }
    if rustix::process::geteuid().is_root()
        || set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).is_ok()
    {
        return Err(io::Error::other("root could not be given up"));
    }
    Ok(())
}

/// An empty directory of root's, for as long as it takes to make it a root and to remove it.
struct Empty {
    path: PathBuf,
    parent: OwnedFd,
    name: String,
}

impl Empty {
    fn new() -> io::Result<Empty> {
        use rustix::fs::OFlags;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for parent in ["/run", "/var/run", "/tmp"] {
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
            let dir = match open(Path::new(parent), flags, Mode::empty()) {
                Ok(dir) => dir,
                Err(e) => {
                    last = e.into();
                    continue;
                }
            };
            let name = format!("sshwhy-empty-{}", std::process::id());
            match mkdirat(&dir, &name, Mode::RUSR | Mode::XUSR) {
                Ok(()) => {
                    return Ok(Empty {
                        path: Path::new(parent).join(&name),
                        parent: dir,
                        name,
                    });
                }
                Err(e) => last = e.into(),
            }
        }
        Err(last)
    }

    /// Removes the directory, which then is nowhere, and lets go of the one above it.
    fn remove(self) -> io::Result<()> {
        use rustix::fs::{AtFlags, unlinkat};
        unlinkat(&self.parent, &self.name, AtFlags::REMOVEDIR)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HostKey, Mode, Source};

    fn line() -> (Line, mpsc::Receiver<Vec<u8>>) {
        let (tell, told) = mpsc::channel(WAITING);
        let line = Line {
            tell,
            next: Arc::default(),
            open: Arc::default(),
        };
        (line, told)
    }

    fn connection() -> About {
        About {
            number: 7,
            from: "192.0.2.9:4000".parse().unwrap(),
            to: "[2001:db8::1]:22".parse().unwrap(),
        }
    }

    /// What the network's side would send of each kind, without its length.
    fn messages() -> Vec<Vec<u8>> {
        let (line, mut told) = line();
        let about = connection();
        for what in [
            What::Closed(Closed::Waits),
            What::Broken("why".into()),
            What::Ended(None),
            What::Ended(Some("why".into())),
        ] {
            line.say(&about, &what);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let soon = Duration::from_millis(1);
        runtime.block_on(async {
            let _ = tokio::time::timeout(soon, line.sign(1, b"ssh-ed25519", &[3; 32])).await;
            for proof in [
                Proof::None,
                Proof::Bad,
                Proof::Good {
                    touched: true,
                    verified: false,
                },
            ] {
                let question = Question {
                    user: b"al\0ice\x1b".to_vec(),
                    key: (proof != Proof::None).then(|| Key {
                        blob: vec![1, 2, 3],
                        algorithm: b"ssh-ed25519".to_vec(),
                    }),
                    proof,
                    from: about.from,
                    to: about.to,
                };
                let _ = tokio::time::timeout(soon, line.explain(&about, &question)).await;
            }
        });
        let all = std::iter::from_fn(|| told.try_recv().ok());
        all.map(|m| m.get(4..).unwrap().to_vec()).collect()
    }

    #[test]
    fn what_the_network_asks_is_read_as_it_was_said() {
        let read: Vec<Asked> = messages()
            .iter()
            .map(|m| Asked::parse(m).expect("a whole message"))
            .collect();
        let [
            Asked::Report(about, What::Closed(Closed::Waits)),
            Asked::Report(_, What::Broken(_)),
            Asked::Report(_, What::Ended(None)),
            Asked::Report(_, What::Ended(Some(_))),
            Asked::Sign(_, 1, _, hash),
            Asked::Explain(_, _, none),
            Asked::Explain(_, _, bad),
            Asked::Explain(_, _, good),
        ] = &read[..]
        else {
            panic!("{} messages", read.len());
        };
        assert_eq!((about.from, about.to), (connection().from, connection().to));
        assert_eq!(hash.as_slice(), &[3; 32]);
        assert_eq!(none.key, None);
        assert_eq!(bad.proof, Proof::Bad);
        let touched = Proof::Good {
            touched: true,
            verified: false,
        };
        assert_eq!(
            (good.proof, good.user.as_slice()),
            (touched, &b"al\0ice\x1b"[..])
        );
    }

    #[test]
    fn a_hostile_network_side_is_not_believed() {
        for message in messages() {
            for cut in 0..message.len() {
                assert!(Asked::parse(&message[..cut]).is_none(), "cut at {cut}");
            }
            assert!(Asked::parse(&[&message[..], &[0]].concat()).is_none());
            // Any other byte is another message or none, and never a panic.
            for at in 0..message.len() {
                for bit in 0..8 {
                    let mut bad = message.clone();
                    bad[at] ^= 1 << bit;
                    let _ = Asked::parse(&bad);
                }
            }
        }
        // Nothing but an exchange hash is signed.
        let (line, mut told) = line();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        for length in (0..200).filter(|n| ![32, 48, 64].contains(n)) {
            let text = vec![0; length];
            let asked = line.sign(0, b"ssh-ed25519", &text);
            let _ = runtime
                .block_on(async { tokio::time::timeout(Duration::from_millis(1), asked).await });
            let message = told.try_recv().unwrap();
            assert!(
                Asked::parse(message.get(4..).unwrap()).is_none(),
                "{length}"
            );
        }
    }

    #[test]
    fn the_network_hears_its_limits_and_the_public_halves_alone() {
        let key = HostKey::generate().unwrap();
        let source = Source::Machine {
            root: None,
            config: Vec::new(),
            build: None,
            run_commands: false,
            indexes: crate::Cache::default(),
        };
        let mut config = Config::new(Mode::ExplainOnly, source, vec![key.clone()]);
        config.limits.per_source = 5;
        config.post_quantum_only = true;
        let said = hello(&config);
        let (limits, post_quantum, keys) = greeted(&said[4..]).unwrap();
        assert_eq!((limits.per_source, post_quantum), (5, true));
        assert_eq!(limits.grace, config.limits.grace);
        assert_eq!(keys, offer::server_keys(&config));
        for cut in 0..said.len() - 4 {
            let _ = greeted(&said[4..4 + cut]);
        }
    }
}
