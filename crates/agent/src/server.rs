//! The agent's loop: one thread serves every connection and never waits for one of them.
//!
//! Signatures that take milliseconds go to a few workers, questions to the person to a thread
//! each; both are limited. A connection has one request in work, and is not read from meanwhile.

use crate::ask::Ask;
use crate::connection::{Connection, Fate};
use crate::job::{Cost, Done, Job};
use crate::store::{Now, Step, Store};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// Threads that compute.
const WORKERS: usize = 2;
/// Heavy jobs that wait for a worker; more are refused.
const WAITING_HEAVY: usize = 1024;
/// Threads that wait for a person or a delay; more are refused.
const WAITING_PERSON: usize = 16;
/// Most bytes read at once.
const READ: usize = 16 * 1024;
/// Most connections, whatever the system allows.
const MAX_CONNECTIONS: usize = 4096;
/// Descriptors that are left for other things than connections.
const SPARE: u64 = 64;
/// Rest after the system had no descriptor for a new connection.
const REST: Duration = Duration::from_millis(50);

type Finished = (u64, Done);

/// What ends or changes a running agent, each a stream that is written to.
pub struct Signals<'a> {
    /// Ends it.
    pub end: BorrowedFd<'a>,
    /// Drops every key.
    pub drop_keys: Option<&'a UnixStream>,
}

/// An agent that serves connections.
pub struct Server {
    store: Store,
    ask: Arc<dyn Ask>,
    connections: BTreeMap<u64, Connection>,
    next: u64,
    limit: usize,
    buffer: Zeroizing<Vec<u8>>,
    heavy: SyncSender<(u64, Job)>,
    finished: Sender<Finished>,
    results: Receiver<Finished>,
    wake_in: UnixStream,
    wake_out: Arc<UnixStream>,
    asking: usize,
    waiting: BTreeMap<u64, (Arc<AtomicBool>, bool)>,
    rest_until: Option<Instant>,
}

impl Server {
    /// A server of these keys. `open_files`: how many descriptors the process may have.
    ///
    /// # Errors
    /// The system has no descriptors or threads for it.
    pub fn new(store: Store, ask: Arc<dyn Ask>, open_files: u64) -> io::Result<Server> {
        let (wake_in, wake_out) = UnixStream::pair()?;
        wake_in.set_nonblocking(true)?;
        wake_out.set_nonblocking(true)?;
        let wake_out = Arc::new(wake_out);
        let (finished, results) = channel();
        let (heavy, jobs) = sync_channel::<(u64, Job)>(WAITING_HEAVY);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..WORKERS {
            let (jobs, finished) = (Arc::clone(&jobs), Sender::clone(&finished));
            let (ask, wake) = (Arc::clone(&ask), Arc::clone(&wake_out));
            std::thread::Builder::new()
                .name("sign".into())
                .spawn(move || {
                    loop {
                        let job = jobs.lock().map(|jobs| jobs.recv());
                        let Ok(Ok((id, job))) = job else { break };
                        if finished.send((id, job.run(&*ask))).is_err() {
                            break;
                        }
                        wake_up(&wake);
                    }
                })?;
        }
        let limit = usize::try_from(open_files.saturating_sub(SPARE)).unwrap_or(usize::MAX);
        Ok(Server {
            store,
            ask,
            connections: BTreeMap::new(),
            next: 0,
            limit: limit.clamp(1, MAX_CONNECTIONS),
            buffer: Zeroizing::new(vec![0; READ]),
            heavy,
            finished,
            results,
            wake_in,
            wake_out,
            asking: 0,
            waiting: BTreeMap::new(),
            rest_until: None,
        })
    }

    /// The keys.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Serves until something can be read from `signals.end`; then every key is dropped.
    ///
    /// # Errors
    /// The listener cannot be waited for.
    pub fn run(&mut self, listener: &UnixListener, signals: &Signals<'_>) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let served = loop {
            match self.turn(listener, signals) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => break Err(e),
            }
        };
        for (cancelled, _) in self.waiting.values() {
            cancelled.store(true, Ordering::Relaxed);
        }
        self.connections.clear();
        self.store.remove_all();
        crate::job::wipe_stack();
        served
    }

    /// Waits once and serves what is ready. False: it is over.
    fn turn(&mut self, listener: &UnixListener, signals: &Signals<'_>) -> io::Result<bool> {
        let now = Instant::now();
        let resting = self.rest_until.is_some_and(|t| now < t);
        let ends = [self.store.deadline(), self.rest_until.filter(|_| resting)];
        let timeout = ends.into_iter().flatten().min().map(|t| {
            // A little later, so that it has passed when we wake.
            let wait = t.saturating_duration_since(now) + Duration::from_millis(1);
            Timespec {
                tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(wait.subsec_nanos()),
            }
        });
        let nothing = PollFlags::empty();
        let mut fds = Vec::with_capacity(self.connections.len() + 4);
        fds.push(PollFd::from_borrowed_fd(signals.end, PollFlags::IN));
        fds.push(PollFd::new(&self.wake_in, PollFlags::IN));
        let listen = if resting { nothing } else { PollFlags::IN };
        fds.push(PollFd::new(listener, listen));
        if let Some(stream) = signals.drop_keys {
            fds.push(PollFd::new(stream, PollFlags::IN));
        }
        let fixed = fds.len();
        let ids: Vec<u64> = self.connections.keys().copied().collect();
        for connection in self.connections.values() {
            let wanted = match connection.wants() {
                Fate::Read => PollFlags::IN,
                Fate::Write => PollFlags::OUT,
                Fate::Wait | Fate::End => nothing,
            };
            fds.push(PollFd::from_borrowed_fd(connection.as_fd(), wanted));
        }
        poll(&mut fds, timeout.as_ref())?;
        let ready: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        drop(fds);
        let is_ready = |at: usize| ready.get(at).is_some_and(|r| !r.is_empty());
        if is_ready(0) {
            return Ok(false);
        }
        if is_ready(1) {
            drain(&self.wake_in);
        }
        if fixed == 4
            && is_ready(3)
            && let Some(stream) = signals.drop_keys
        {
            drain(stream);
            self.store.remove_all();
        }
        self.store.expire(Instant::now());
        while let Ok((id, done)) = self.results.try_recv() {
            self.answer(id, done);
        }
        for (at, id) in ids.into_iter().enumerate() {
            let flags = ready.get(fixed + at).copied().unwrap_or(nothing);
            if !flags.is_empty() {
                self.serve(id, flags);
            }
        }
        if is_ready(2) {
            self.accept(listener);
        }
        Ok(true)
    }

    fn accept(&mut self, listener: &UnixListener) {
        // A bounded number at a time, so that those who are connected are served too.
        for _ in 0..64 {
            match listener.accept() {
                Ok((stream, _)) => {
                    if self.connections.len() >= self.limit {
                        self.evict();
                    }
                    // Another user's process, or one that is gone already, is not served.
                    if let Some(connection) = Connection::new(stream) {
                        self.connections.insert(self.next, connection);
                        self.next = self.next.wrapping_add(1);
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::ConnectionAborted => {}
                Err(_) => {
                    self.evict();
                    self.rest_until = Instant::now().checked_add(REST);
                    break;
                }
            }
        }
    }

    /// Makes room: of the connections without a request in work the one that was never used, or
    /// was unused for longest.
    fn evict(&mut self) {
        let idle = self.connections.iter().filter(|(_, c)| !c.busy);
        let oldest = idle.min_by_key(|(_, c)| (c.requests > 0, c.last_active));
        if let Some(id) = oldest.map(|(id, _)| *id) {
            self.connections.remove(&id);
        }
    }

    fn serve(&mut self, id: u64, flags: PollFlags) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let gone = flags.intersects(PollFlags::ERR | PollFlags::NVAL)
            || (connection.busy && flags.contains(PollFlags::HUP));
        if gone || !connection.transfer(&mut self.buffer) {
            self.end(id);
            return;
        }
        self.requests(id);
    }

    /// Serves what a connection has sent, as far as it goes without waiting.
    fn requests(&mut self, id: u64) {
        loop {
            let Some(connection) = self.connections.get_mut(&id) else {
                return;
            };
            let message = match connection.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(_) => {
                    self.end(id);
                    return;
                }
            };
            let (session, client) = connection.parts();
            let step = self.store.message(&message, session, client, moment());
            crate::job::wipe_stack();
            match step {
                Step::Reply(response) => connection.reply(&response),
                Step::End(response) => connection.reply_and_end(&response),
                Step::Work(job) if job.cost() == Cost::Quick => {
                    let done = job.run(&*self.ask);
                    connection.reply(&self.store.finish(done, moment()));
                }
                Step::Work(job) => {
                    connection.busy = true;
                    self.start(id, job);
                    return;
                }
            }
            if !connection.flush() {
                self.end(id);
                return;
            }
        }
        if self
            .connections
            .get(&id)
            .is_some_and(|c| c.wants() == Fate::End)
        {
            self.end(id);
        }
    }

    fn start(&mut self, id: u64, job: Job) {
        let person = job.cost() == Cost::Waiting;
        let cancelled = Arc::clone(&job.cancelled);
        // What a job has taken out of the store must come back to it, also where it is refused.
        let refused = if person {
            let room = self.asking < WAITING_PERSON || job.must_run();
            if room {
                self.asking += 1;
                self.spawn(id, job)
            } else {
                Some(job)
            }
        } else {
            match self.heavy.try_send((id, job)) {
                Ok(()) => None,
                Err(TrySendError::Full((_, job)) | TrySendError::Disconnected((_, job))) => {
                    Some(job)
                }
            }
        };
        match refused {
            None => {
                self.waiting.insert(id, (cancelled, person));
            }
            Some(job) => self.answer(id, job.refuse()),
        }
    }

    /// A thread of its own. The job comes back where there is none to be had.
    fn spawn(&mut self, id: u64, job: Job) -> Option<Job> {
        let (ask, wake) = (Arc::clone(&self.ask), Arc::clone(&self.wake_out));
        let finished = Sender::clone(&self.finished);
        let slot = Arc::new(Mutex::new(Some(job)));
        let theirs = Arc::clone(&slot);
        let spawned = std::thread::Builder::new()
            .name("ask".into())
            .spawn(move || {
                let job = theirs.lock().ok().and_then(|mut job| job.take());
                if let Some(job) = job {
                    // Nobody listens when the agent is about to end.
                    let _ = finished.send((id, job.run(&*ask)));
                    wake_up(&wake);
                }
            });
        match spawned {
            Ok(_) => None,
            Err(_) => {
                self.asking = self.asking.saturating_sub(1);
                slot.lock().ok().and_then(|mut job| job.take())
            }
        }
    }

    fn answer(&mut self, id: u64, done: Done) {
        if let Some((_, true)) = self.waiting.remove(&id) {
            self.asking = self.asking.saturating_sub(1);
        }
        let response = self.store.finish(done, moment());
        crate::job::wipe_stack();
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.busy = false;
        connection.reply(&response);
        if connection.flush() {
            self.requests(id);
        } else {
            self.end(id);
        }
    }

    fn end(&mut self, id: u64) {
        if let Some((cancelled, _)) = self.waiting.get(&id) {
            cancelled.store(true, Ordering::Relaxed);
        }
        self.connections.remove(&id);
    }
}

fn moment() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    Now {
        instant: Instant::now(),
        unix: unix.map_or(0, |d| d.as_secs()),
    }
}

fn wake_up(mut wake: &UnixStream) {
    // A full pipe wakes as well.
    let _ = wake.write(&[1]);
}

fn drain(mut stream: &UnixStream) {
    let mut bytes = [0; 256];
    while let Ok(256) = stream.read(&mut bytes) {}
}
