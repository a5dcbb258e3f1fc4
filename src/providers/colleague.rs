//! People at our own side of a vendor, who may be put on the roster.

use serde::Serialize;

/// Somebody whom the vendor's telephone system knows; all raw.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Colleague {
    /// Name.
    pub name: String,
    /// Extension, as dialled inside.
    pub extension: Option<String>,
    /// Number, as dialled from outside.
    pub number: Option<String>,
    /// Mail address.
    pub email: Option<String>,
}
