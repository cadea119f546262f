//! Pattern matching once more, in the plainest way: a pattern is read into a list of items first, and matching is the
//! enumeration of all ways in the order that the manual gives, longest or shortest first. Slow, and sure.

/// What matches one character.
#[derive(Clone, Debug)]
enum Single {
    Any,
    Literal(u8),
    Class(u8),
    Set(bool, Vec<Member>),
}

#[derive(Clone, Debug)]
enum Member {
    Class(u8),
    Range(u8, u8),
}

#[derive(Clone, Debug)]
enum Item {
    /// With the repetition: `1` for exactly once, or one of `* + - ?`.
    Single(Single, u8),
    Open,
    Position,
    Close,
    Balance(u8, u8),
    Frontier(Single),
    Back(u8),
    End,
}

/// A pattern that is well-formed.
#[derive(Debug)]
pub struct Pattern {
    anchored: bool,
    items: Vec<Item>,
}

/// Start and end of the match, and the captures: start and end, or a position.
pub type Match = (usize, usize, Vec<(usize, Option<usize>)>);

impl Pattern {
    /// None for what is not well-formed, or what only matching can tell.
    pub fn read(text: &[u8]) -> Option<Pattern> {
        let (anchored, mut rest) = match text {
            [b'^', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let mut items = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut closed = Vec::new();
        while !rest.is_empty() {
            match rest {
                [b'(', b')', tail @ ..] => {
                    // References to positions are special: left to the others.
                    closed.push(false);
                    items.push(Item::Position);
                    rest = tail;
                }
                [b'(', tail @ ..] => {
                    open.push(closed.len());
                    closed.push(false);
                    items.push(Item::Open);
                    rest = tail;
                }
                [b')', tail @ ..] => {
                    closed[open.pop()?] = true;
                    items.push(Item::Close);
                    rest = tail;
                }
                [b'$'] => {
                    items.push(Item::End);
                    rest = &[];
                }
                [b'%', b'b', x, y, tail @ ..] => {
                    items.push(Item::Balance(*x, *y));
                    rest = tail;
                }
                [b'%', b'b', ..] => return None,
                [b'%', b'f', tail @ ..] => {
                    tail.strip_prefix(b"[")?;
                    let (single, tail) = single(tail)?;
                    items.push(Item::Frontier(single));
                    rest = tail;
                }
                [b'%', digit @ b'0'..=b'9', tail @ ..] => {
                    let index = usize::from(digit.checked_sub(b'1')?);
                    closed.get(index).filter(|&&closed| closed)?;
                    items.push(Item::Back(index as u8));
                    rest = tail;
                }
                _ => {
                    let (single, tail) = single(rest)?;
                    let (repeat, tail) = match tail {
                        [repeat @ (b'*' | b'+' | b'-' | b'?'), tail @ ..] => (*repeat, tail),
                        _ => (b'1', tail),
                    };
                    items.push(Item::Single(single, repeat));
                    rest = tail;
                }
            }
        }
        (open.is_empty() && closed.len() <= 32).then_some(Pattern { anchored, items })
    }

    /// The first match; `Err` when it takes too long.
    pub fn find(&self, source: &[u8]) -> Result<Option<Match>, ()> {
        let mut left = 20_000;
        for start in 0..=source.len() {
            let mut captures = Vec::new();
            if let Some(end) = matches(&self.items, source, start, &mut captures, &mut left)? {
                return Ok(Some((start, end, captures)));
            }
            if self.anchored {
                break;
            }
        }
        Ok(None)
    }
}

fn single(text: &[u8]) -> Option<(Single, &[u8])> {
    match text {
        [b'.', rest @ ..] => Some((Single::Any, rest)),
        [b'%', class, rest @ ..] => Some((Single::Class(*class), rest)),
        [b'%'] => None,
        [b'[', rest @ ..] => {
            let (negated, rest) = match rest {
                [b'^', rest @ ..] => (true, rest),
                _ => (false, rest),
            };
            // Where the set ends, escapes alone decide: a bracket in first place or behind `%` is a member.
            let mut end = 0;
            while end == 0 || *rest.get(end)? != b']' {
                end += if *rest.get(end)? == b'%' { 2 } else { 1 };
            }
            let (mut set, tail) = (&rest[..end], &rest[end + 1..]);
            let mut members = Vec::new();
            while !set.is_empty() {
                let (member, rest) = match set {
                    // The manual gives a range to `%` no meaning. What follows may have lost its escape by it, and the
                    // last one finds the bracket behind the set.
                    [b'%'] => (Member::Class(b']'), &set[1..]),
                    [b'%', class, rest @ ..] => (Member::Class(*class), rest),
                    [low, b'-', high, rest @ ..] => (Member::Range(*low, *high), rest),
                    [literal, rest @ ..] => (Member::Range(*literal, *literal), rest),
                    [] => unreachable!("there is more"),
                };
                members.push(member);
                set = rest;
            }
            Some((Single::Set(negated, members), tail))
        }
        [literal, rest @ ..] => Some((Single::Literal(*literal), rest)),
        [] => None,
    }
}

fn in_class(class: u8, byte: u8) -> bool {
    let c = byte as char;
    let is = match class.to_ascii_lowercase() {
        b'a' => c.is_ascii_alphabetic(),
        b'd' => c.is_ascii_digit(),
        b'l' => c.is_ascii_lowercase(),
        b'u' => c.is_ascii_uppercase(),
        b's' => b" \t\n\r\x0b\x0c".contains(&byte),
        b'w' => c.is_ascii_alphanumeric(),
        b'x' => c.is_ascii_hexdigit(),
        b'p' => c.is_ascii_punctuation(),
        b'c' => byte < 32 || byte == 127,
        b'g' => (33..127).contains(&byte),
        b'z' => byte == 0,
        _ => return class == byte,
    };
    is ^ class.is_ascii_uppercase()
}

impl Single {
    fn accepts(&self, byte: u8) -> bool {
        match self {
            Single::Any => true,
            Single::Literal(literal) => *literal == byte,
            Single::Class(class) => in_class(*class, byte),
            Single::Set(negated, members) => {
                let inside = members.iter().any(|member| match member {
                    Member::Class(class) => in_class(*class, byte),
                    Member::Range(low, high) => *low <= byte && byte <= *high,
                });
                inside != *negated
            }
        }
    }
}

/// All ways to match, one after the other; the captures are those of the way that came through.
fn matches(
    items: &[Item],
    source: &[u8],
    at: usize,
    captures: &mut Vec<(usize, Option<usize>)>,
    left: &mut u32,
) -> Result<Option<usize>, ()> {
    *left = left.checked_sub(1).ok_or(())?;
    let Some((item, rest)) = items.split_first() else { return Ok(Some(at)) };
    let here = |at: usize| source.get(at).copied();
    match item {
        Item::Single(single, repeat) => {
            let run = (at..source.len()).take_while(|&place| single.accepts(source[place])).count();
            let counts: Vec<usize> = match repeat {
                b'*' => (0..=run).rev().collect(),
                b'+' => (1..=run).rev().collect(),
                b'-' => (0..=run).collect(),
                b'?' => (0..=run.min(1)).rev().collect(),
                _ => (1..=run.min(1)).collect(),
            };
            for count in counts {
                let before = captures.clone();
                if let Some(end) = matches(rest, source, at + count, captures, left)? {
                    return Ok(Some(end));
                }
                *captures = before;
            }
            Ok(None)
        }
        Item::Open => {
            captures.push((at, Some(usize::MAX)));
            matches(rest, source, at, captures, left)
        }
        Item::Position => {
            captures.push((at, None));
            matches(rest, source, at, captures, left)
        }
        Item::Close => {
            let last = captures.iter_mut().rev().find(|capture| capture.1 == Some(usize::MAX)).ok_or(())?;
            last.1 = Some(at);
            matches(rest, source, at, captures, left)
        }
        Item::Balance(x, y) => {
            if here(at) != Some(*x) {
                return Ok(None);
            }
            let mut depth = 1;
            for place in at + 1..source.len() {
                if source[place] == *y {
                    depth -= 1;
                } else if source[place] == *x {
                    depth += 1;
                }
                if depth == 0 {
                    return matches(rest, source, place + 1, captures, left);
                }
            }
            Ok(None)
        }
        Item::Frontier(set) => {
            let before = if at > 0 { source[at - 1] } else { 0 };
            if set.accepts(before) || !set.accepts(here(at).unwrap_or(0)) {
                return Ok(None);
            }
            matches(rest, source, at, captures, left)
        }
        Item::Back(index) => {
            let (start, end) = captures[usize::from(*index)];
            let text = &source[start..end.ok_or(())?];
            if !source[at..].starts_with(text) {
                return Ok(None);
            }
            matches(rest, source, at + text.len(), captures, left)
        }
        Item::End => Ok((at == source.len()).then_some(at)),
    }
}
