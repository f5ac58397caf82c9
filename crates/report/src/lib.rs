//! Findings to words: the message, the diagram of the login, JSON.
//!
//! What comes in are judgements and the words of the catalogue; what goes out is safe for a
//! terminal. Nothing is decided here.
//!
//! **Invariants:** no new facts and no new advice; bytes from outside reach the output through
//! [`safe`] alone; of a source line that holds a secret only the rest is quoted.

mod diagram;
mod document;
mod fold;
pub mod json;
mod message;
mod page;
mod quote;
pub mod redact;
pub mod safe;
mod secret;
pub mod text;
mod words;

pub use document::{Document, Entry, ServerInfo, Subject, SubjectKey};
pub use fold::fold;
pub use message::{Grade, Message};
pub use page::page;
