//! sshd_config exactly as sshd reads it, for OpenSSH 7.4 to 10.6, as data.
//!
//! [`Dialect`] holds what differs between builds. [`Config::parse`] reads a configuration and everything it includes
//! through [`Files`] and never fails: problems are data with a place. [`Config::evaluate`] gives the values for one
//! connection with their origin; what hangs on a fact nobody looked at is named, never guessed.
//!
//! **Invariant:** no I/O, no clock, no tests of versions outside `dialect`, `keyword`, `defaults` and `algorithms`.
#![no_std]
extern crate alloc;

mod algorithms;
pub mod client;
mod config;
mod criteria;
mod defaults;
pub mod dialect;
mod dump;
mod effective;
mod forms;
mod glob;
pub mod keyword;
mod lex;
pub mod pattern;
mod penalties;
mod problem;
mod read;
mod scan;
mod value;

pub use config::{
    AddressClass, AddressUse, Block, BlockId, CommandLineOption, Config, FileText, Files, Line,
    Refusal,
};
pub use criteria::{Connection, Criterion, Fact, Host, Tri};
pub use dialect::{Dialect, Features, Policy, Vendor, Version};
pub use effective::{Effective, MatchOrigin, Origin, PermitRootLogin, Setting};
pub use glob::{glob_match, has_glob_magic};
pub use keyword::{Kw, Meaning, Scope};
pub use lex::Word;
pub use problem::{Place, Problem, ProblemKind, Severity, vis};
pub use read::MAX_DEPTH;
pub use scan::{Services, convtime};
pub use value::Value;
