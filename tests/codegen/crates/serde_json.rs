#[derive(Debug, Clone, PartialEq)]
pub struct Value;
