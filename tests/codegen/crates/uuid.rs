#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uuid;
