#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Utc;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime<Zone>(pub Zone);
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NaiveDate;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NaiveTime;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NaiveDateTime;
