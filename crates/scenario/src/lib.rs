//! Scenario files: prose, a written world and what must come of a login in it.
//!
//! A file is Markdown. Its title is a cause and one sentence, the text below says how a person
//! meets it, and each `##` section is a case: the heading says how it ends, a fenced block
//! (```` ```world ````) says what differs from the [base world](mod@base) and what is expected.
//! The format is described in `scenarios/README.md`.
//!
//! - [`Scenario::parse`] reads a file into [`Case`]s, each with a [`Spec`]; it never panics, and
//!   every [`Problem`] carries its line.
//! - [`Spec::scene`] turns a specification into a [`Scene`]: every file with its bytes, mode and
//!   owner, every account. A world in memory ([`Scene::world`]) and a tree on disk are both made
//!   from it, so that they cannot differ.
//! - Keys are named, never made here: their bytes come through [`KeyMaterial`].
//!
//! **Invariant:** this crate does no I/O, and it judges nothing.
#![no_std]
extern crate alloc;

pub mod base;
mod content;
mod document;
mod expect;
mod material;
mod parse;
mod scene;
mod spec;
mod words;
mod write;

pub use content::Content;
pub use document::{Case, Ending, Scenario};
pub use expect::{BuildMatch, Expectation, Verdict};
pub use material::{Embedded, KeyMaterial};
pub use parse::Problem;
pub use scene::{Entry, Scene, ShadowLine};
pub use spec::{
    AccountFields, AclWord, AttemptSpec, Change, DaemonFields, Days, Session, ShadowFields, Sign,
    Spec,
};
