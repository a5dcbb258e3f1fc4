//! Pure text: what a customer wrote, made safe and measurable.
