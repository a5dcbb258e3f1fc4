//! Where panes are. All breakpoints are here.

use ratatui::layout::Rect;

/// From so many columns on there are three panes.
pub const WIDE: u16 = 120;
/// From so many columns on there are two panes.
pub const MEDIUM: u16 = 80;
/// The smallest usable screen: columns, rows.
pub const SMALLEST: (u16, u16) = (30, 8);
/// Columns of the sidebar.
const SIDEBAR: u16 = 20;
/// From so many columns on views and contact fit both.
const ROOMY: u16 = 160;
/// Columns of the contact pane.
const CONTACT: u16 = 32;

/// How many panes fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Views, list, conversation.
    Wide,
    /// List, conversation.
    Medium,
    /// One pane at a time.
    Narrow,
}

/// The rectangles of a frame. Absent panes are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// How many panes fit.
    pub width: Width,
    /// The first line.
    pub header: Rect,
    /// Everything between header and status.
    pub body: Rect,
    /// Views and channels.
    pub sidebar: Rect,
    /// The list.
    pub list: Rect,
    /// The conversation, or whatever stands beside the list.
    pub detail: Rect,
    /// Who the customer is.
    pub contact: Rect,
    /// The last line.
    pub status: Rect,
}

/// How many panes fit in so many columns.
pub fn width(columns: u16, plain: bool) -> Width {
    match columns {
        _ if plain => Width::Narrow,
        WIDE.. => Width::Wide,
        MEDIUM.. => Width::Medium,
        _ => Width::Narrow,
    }
}

/// Divides the screen. In a narrow one `detail_first` says which pane has it.
#[allow(
    clippy::fn_params_excessive_bools,
    reason = "each is one of the facts on which the division depends"
)]
pub fn divide(
    size: (u16, u16),
    plain: bool,
    detail_first: bool,
    sidebar_first: bool,
    contact: bool,
) -> Frame {
    let (columns, rows) = size;
    let area = Rect::new(0, 0, columns, rows);
    let header = Rect {
        height: 1.min(rows),
        ..area
    };
    let status = Rect {
        y: rows.saturating_sub(1),
        height: 1.min(rows),
        ..area
    };
    let body = Rect {
        y: 1,
        height: rows.saturating_sub(2),
        ..area
    };
    let none = Rect { width: 0, ..body };
    let mut frame = Frame {
        width: width(columns, plain),
        header,
        body,
        sidebar: none,
        list: none,
        detail: none,
        contact: none,
        status,
    };
    match frame.width {
        Width::Narrow => {
            *(if sidebar_first {
                &mut frame.sidebar
            } else if detail_first && contact {
                &mut frame.contact
            } else if detail_first {
                &mut frame.detail
            } else {
                &mut frame.list
            }) = body;
        }
        Width::Medium if sidebar_first => {
            frame.sidebar = Rect {
                width: SIDEBAR,
                ..body
            };
            frame.list = Rect {
                x: SIDEBAR + 1,
                width: columns - SIDEBAR - 1,
                ..body
            };
        }
        Width::Medium => {
            let list = (columns * 2 / 5).clamp(32, 46);
            frame.list = Rect {
                width: list,
                ..body
            };
            frame.detail = Rect {
                x: list + 1,
                width: columns - list - 1,
                ..body
            };
        }
        Width::Wide => {
            let list = (columns / 3).clamp(36, 52);
            let mut x = 0;
            // The contact takes the views' room where there is none for both.
            if !contact || sidebar_first || columns >= ROOMY {
                frame.sidebar = Rect {
                    width: SIDEBAR,
                    ..body
                };
                x = SIDEBAR + 1;
            }
            frame.list = Rect {
                x,
                width: list,
                ..body
            };
            x += list + 1;
            frame.detail = Rect {
                x,
                width: columns - x,
                ..body
            };
        }
    }
    if contact && frame.width != Width::Narrow && frame.detail.width > 0 {
        if frame.detail.width >= CONTACT + 40 {
            frame.detail.width -= CONTACT + 1;
            frame.contact = Rect {
                x: frame.detail.right() + 1,
                width: CONTACT,
                ..body
            };
        } else {
            frame.contact = frame.detail;
            frame.detail.width = 0;
        }
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_never_overlap_nor_leave_the_screen() {
        for columns in [1, 20, 40, 79, 80, 100, 119, 120, 200, 400] {
            for rows in [1, 2, 12, 24, 36] {
                for flags in 0..8u8 {
                    let frame = divide(
                        (columns, rows),
                        false,
                        flags & 1 > 0,
                        flags & 2 > 0,
                        flags & 4 > 0,
                    );
                    let panes = [frame.sidebar, frame.list, frame.detail, frame.contact];
                    for (index, pane) in panes.iter().enumerate() {
                        assert!(
                            pane.right() <= columns
                                && (pane.width == 0 || pane.bottom() <= rows.max(1))
                        );
                        for other in &panes[index + 1..] {
                            assert!(!pane.intersects(*other), "{columns}x{rows} {frame:?}");
                        }
                    }
                }
            }
        }
    }
}
