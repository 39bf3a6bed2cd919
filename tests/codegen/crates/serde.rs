pub trait Serialize {}
pub trait Deserialize<'de> {}
pub use serde_derive::{Deserialize, Serialize};
