//! The backtracking matcher.
//!
//! Offsets count from the starts of the source and of the pattern. `Ok(None)` is "no match here". Captures opened on a
//! path that fails are closed again by whoever opened them, so `level` is right at every return.

use super::PatternError;
use super::class::Item;
use std::ops::Range;

/// Counts what a matcher does, and gives leave to go on.
///
/// A step is an item tried at a place; what is done in one go with many bytes counts for its length.
pub trait Meter {
    /// So many steps were taken. Says how many more may be before it wants to be told again.
    ///
    /// # Errors
    /// To stop: usually [`PatternError::Interrupted`].
    fn spend(&mut self, steps: u32) -> Result<u32, PatternError>;

    /// So many steps were taken since, and that is the end.
    fn settle(&mut self, _steps: u32) {}
}

/// Always gives leave.
pub struct Unmetered;

impl Meter for Unmetered {
    fn spend(&mut self, _: u32) -> Result<u32, PatternError> {
        Ok(u32::MAX)
    }
}

const MAX_CAPTURES: usize = 32;
const MAX_DEPTH: u32 = 200;

#[derive(Clone, Copy)]
enum Extent {
    Open,
    /// `()`: where the match stands, no text.
    Position,
    Length(usize),
}

#[derive(Clone, Copy)]
struct Capture {
    start: usize,
    extent: Extent,
}

/// What a capture captured, as offsets into the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Captured {
    Text(Range<usize>),
    /// From 0; Lua counts from 1.
    Position(usize),
}

/// One pattern on one source.
pub struct Matcher<'a> {
    source: &'a [u8],
    pattern: &'a [u8],
    anchored: bool,
    level: usize,
    depth: u32,
    /// Steps left of those granted.
    steps: u32,
    granted: u32,
    meter: &'a mut dyn Meter,
    captures: [Capture; MAX_CAPTURES],
}

impl Drop for Matcher<'_> {
    fn drop(&mut self) {
        self.meter.settle(self.granted - self.steps);
    }
}

type Outcome = Result<Option<usize>, PatternError>;

impl<'a> Matcher<'a> {
    /// A leading `^` anchors [`Matcher::search`].
    pub fn new(source: &'a [u8], pattern: &'a [u8], meter: &'a mut dyn Meter) -> Self {
        let (anchored, pattern) = match pattern {
            [b'^', rest @ ..] => (true, rest),
            _ => (false, pattern),
        };
        Matcher::unanchored(source, pattern, meter).with_anchor(anchored)
    }

    /// As [`Matcher::new`], but `^` is a character like others, as in `gmatch`.
    pub fn unanchored(source: &'a [u8], pattern: &'a [u8], meter: &'a mut dyn Meter) -> Self {
        let captures = [Capture { start: 0, extent: Extent::Open }; MAX_CAPTURES];
        Matcher { source, pattern, anchored: false, level: 0, depth: MAX_DEPTH, steps: 0, granted: 0, meter, captures }
    }

    fn with_anchor(mut self, anchored: bool) -> Self {
        self.anchored = anchored;
        self
    }

    pub fn is_anchored(&self) -> bool {
        self.anchored
    }

    pub fn source(&self) -> &'a [u8] {
        self.source
    }

    /// The first match at or behind offset `from`.
    pub fn search(&mut self, from: usize) -> Result<Option<(usize, usize)>, PatternError> {
        let mut start = from;
        let first = if self.anchored { None } else { self.first_literal() };
        loop {
            if let Some(literal) = first {
                match memchr::memchr(literal, &self.source[start..]) {
                    Some(skipped) => start += skipped,
                    None => return Ok(None),
                }
            }
            if let Some(end) = self.match_at(start)? {
                return Ok(Some((start, end)));
            }
            start += 1;
            if self.anchored || start > self.source.len() {
                return Ok(None);
            }
        }
    }

    /// The end of the match that begins at `start`.
    pub fn match_at(&mut self, start: usize) -> Outcome {
        self.level = 0;
        self.depth = MAX_DEPTH;
        self.descend(start, 0)
    }

    /// Captures of the last match; the whole match is not counted.
    pub fn capture_count(&self) -> usize {
        self.level
    }

    /// Capture `index` (from 0) of the last match, which was `start..end`. Without captures in the pattern, capture 0
    /// is the whole match.
    pub fn capture(&self, index: usize, start: usize, end: usize) -> Result<Captured, PatternError> {
        if index >= self.level {
            return match index {
                0 => Ok(Captured::Text(start..end)),
                _ => Err(PatternError::InvalidIndex(index as u8 + 1)),
            };
        }
        let Capture { start, extent } = self.captures[index];
        match extent {
            Extent::Length(length) => Ok(Captured::Text(start..start + length)),
            Extent::Position => Ok(Captured::Position(start)),
            Extent::Open => Err(PatternError::Unfinished),
        }
    }

    /// The character every match begins with, if the pattern begins with a plain one.
    fn first_literal(&self) -> Option<u8> {
        let first = *self.pattern.first()?;
        let plain = !matches!(first, b'(' | b')' | b'%' | b'.' | b'[' | b'$');
        (plain && !matches!(self.pattern.get(1), Some(b'*' | b'?' | b'-'))).then_some(first)
    }

    #[inline]
    fn step(&mut self) -> Result<(), PatternError> {
        self.take_steps(1)
    }

    /// Takes `count` steps. More than were granted may be taken at once; they are told of all the same.
    #[inline]
    fn take_steps(&mut self, count: u32) -> Result<(), PatternError> {
        match self.steps.checked_sub(count) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => self.ask(count),
        }
    }

    #[cold]
    #[inline(never)]
    fn ask(&mut self, count: u32) -> Result<(), PatternError> {
        let taken = (self.granted - self.steps).saturating_add(count);
        (self.granted, self.steps) = (0, 0);
        let granted = self.meter.spend(taken)?;
        (self.granted, self.steps) = (granted, granted);
        Ok(())
    }

    /// Steps for looking at `count` bytes in one go.
    #[inline]
    fn steps_for(count: usize) -> u32 {
        const AT_ONCE: usize = 16;
        u32::try_from(count / AT_ONCE).unwrap_or(u32::MAX)
    }

    fn descend(&mut self, at: usize, item: usize) -> Outcome {
        self.depth = self.depth.checked_sub(1).filter(|&left| left > 0).ok_or(PatternError::TooComplex)?;
        let outcome = self.match_from(at, item);
        self.depth += 1;
        outcome
    }

    /// Matches the pattern from offset `item` on against the source from offset `at` on.
    fn match_from(&mut self, mut at: usize, mut item: usize) -> Outcome {
        let pattern = self.pattern;
        loop {
            let Some(&lead) = pattern.get(item) else { return Ok(Some(at)) };
            self.step()?;
            match lead {
                b'(' => {
                    return match pattern.get(item + 1) {
                        Some(b')') => self.open_capture(at, item + 2, Extent::Position),
                        _ => self.open_capture(at, item + 1, Extent::Open),
                    };
                }
                b')' => return self.close_capture(at, item + 1),
                b'$' if item + 1 == pattern.len() => return Ok((at == self.source.len()).then_some(at)),
                b'%' => match pattern.get(item + 1) {
                    Some(b'b') => {
                        let Some(end) = self.balance(at, item + 2)? else { return Ok(None) };
                        at = end;
                        item += 4;
                        continue;
                    }
                    Some(b'f') => {
                        let Some(next) = self.frontier(at, item + 2)? else { return Ok(None) };
                        item = next;
                        continue;
                    }
                    Some(&digit @ b'0'..=b'9') => {
                        let Some(end) = self.back_reference(at, digit)? else { return Ok(None) };
                        at = end;
                        item += 2;
                        continue;
                    }
                    _ => {}
                },
                _ => {}
            }
            let (single, next) = self.single(item)?;
            match pattern.get(next) {
                Some(b'?') => {
                    if self.matches(single, at)
                        && let Some(end) = self.descend(at + 1, next + 1)?
                    {
                        return Ok(Some(end));
                    }
                    item = next + 1;
                }
                Some(b'*') => return self.longest(at, single, next + 1),
                Some(b'+') => {
                    return if self.matches(single, at) { self.longest(at + 1, single, next + 1) } else { Ok(None) };
                }
                Some(b'-') => return self.shortest(at, single, next + 1),
                _ => {
                    if !self.matches(single, at) {
                        return Ok(None);
                    }
                    at += 1;
                    item = next;
                }
            }
        }
    }

    #[inline]
    fn matches(&self, single: Item, at: usize) -> bool {
        self.source.get(at).is_some_and(|&byte| single.matches(self.pattern, byte))
    }

    /// The single-character item at offset `item`, and the offset behind it.
    fn single(&mut self, item: usize) -> Result<(Item, usize), PatternError> {
        match self.pattern[item] {
            b'.' => Ok((Item::Any, item + 1)),
            b'%' => match self.pattern.get(item + 1) {
                Some(&class) => Ok((Item::Class(class), item + 2)),
                None => Err(PatternError::EndsInEscape),
            },
            b'[' => {
                let (set, next) = self.set(item + 1)?;
                // To find its end, and to look through it for a byte.
                self.take_steps(Self::steps_for(2 * (next - item)))?;
                Ok((set, next))
            }
            literal => Ok((Item::Literal(literal), item + 1)),
        }
    }

    /// The set whose text begins at offset `start`, behind the bracket.
    fn set(&self, start: usize) -> Result<(Item, usize), PatternError> {
        let negated = self.pattern.get(start) == Some(&b'^');
        let start = start + usize::from(negated);
        let mut end = start;
        // A bracket in first place is a member of the set.
        loop {
            match self.pattern.get(end) {
                None => return Err(PatternError::MissingBracket),
                Some(b'%') => end += 2,
                Some(_) => end += 1,
            }
            if self.pattern.get(end) == Some(&b']') {
                return Ok((Item::Set { start, end, negated }, end + 1));
            }
        }
    }

    /// As many as possible from `least` on, then the rest of the pattern, backing off one by one.
    fn longest(&mut self, least: usize, single: Item, next: usize) -> Outcome {
        let tail = &self.source[least..];
        let run = match single {
            Item::Any => tail.len(),
            Item::Literal(literal) => tail.iter().take_while(|&&byte| byte == literal).count(),
            _ => tail.iter().take_while(|&&byte| single.matches(self.pattern, byte)).count(),
        };
        let each = match single {
            Item::Set { start, end, .. } => end - start,
            _ => 1,
        };
        self.take_steps(Self::steps_for(run.saturating_mul(each)))?;
        if next == self.pattern.len() {
            return Ok(Some(least + run));
        }
        let mut end = least + run;
        loop {
            self.step()?;
            if let Some(matched) = self.descend(end, next)? {
                return Ok(Some(matched));
            }
            if end == least {
                return Ok(None);
            }
            end -= 1;
        }
    }

    fn shortest(&mut self, mut at: usize, single: Item, next: usize) -> Outcome {
        loop {
            self.step()?;
            if let Some(end) = self.descend(at, next)? {
                return Ok(Some(end));
            }
            if !self.matches(single, at) {
                return Ok(None);
            }
            at += 1;
        }
    }

    fn open_capture(&mut self, at: usize, next: usize, extent: Extent) -> Outcome {
        if self.level >= MAX_CAPTURES {
            return Err(PatternError::TooManyCaptures);
        }
        self.captures[self.level] = Capture { start: at, extent };
        self.level += 1;
        let outcome = self.descend(at, next)?;
        if outcome.is_none() {
            self.level -= 1;
        }
        Ok(outcome)
    }

    fn close_capture(&mut self, at: usize, next: usize) -> Outcome {
        let open = |capture: &Capture| matches!(capture.extent, Extent::Open);
        let index = self.captures[..self.level].iter().rposition(open).ok_or(PatternError::InvalidClose)?;
        self.captures[index].extent = Extent::Length(at - self.captures[index].start);
        let outcome = self.descend(at, next)?;
        if outcome.is_none() {
            self.captures[index].extent = Extent::Open;
        }
        Ok(outcome)
    }

    /// `%bxy`: from an x to the y that balances it.
    fn balance(&mut self, at: usize, arguments: usize) -> Outcome {
        let [open, close, ..] = self.pattern[arguments..] else { return Err(PatternError::MissingBalanceArguments) };
        if self.source.get(at) != Some(&open) {
            return Ok(None);
        }
        let mut nesting = 1usize;
        let mut end = None;
        for (offset, &byte) in self.source[at + 1..].iter().enumerate() {
            if byte == close {
                nesting -= 1;
                if nesting == 0 {
                    end = Some(at + offset + 2);
                    break;
                }
            } else if byte == open {
                nesting += 1;
            }
        }
        self.take_steps(Self::steps_for(end.unwrap_or(self.source.len()) - at))?;
        Ok(end)
    }

    /// `%f[set]`: the byte before is outside the set and the byte here inside, the ends counting as zero bytes. Returns
    /// the offset of the next item.
    fn frontier(&mut self, at: usize, set: usize) -> Outcome {
        if self.pattern.get(set) != Some(&b'[') {
            return Err(PatternError::MissingFrontierSet);
        }
        let (single, next) = self.single(set)?;
        let before = if at == 0 { 0 } else { self.source[at - 1] };
        let here = self.source.get(at).copied().unwrap_or(0);
        let crosses = !single.matches(self.pattern, before) && single.matches(self.pattern, here);
        Ok(crosses.then_some(next))
    }

    fn back_reference(&mut self, at: usize, digit: u8) -> Outcome {
        let invalid = PatternError::InvalidIndex(digit - b'0');
        let index = usize::from(digit).checked_sub(usize::from(b'1')).filter(|&index| index < self.level);
        let Capture { start, extent } = self.captures[index.ok_or(invalid)?];
        match extent {
            Extent::Open => Err(invalid),
            // The reference compares a length no source has.
            Extent::Position => Ok(None),
            Extent::Length(length) => {
                self.take_steps(Self::steps_for(length))?;
                let text = &self.source[start..start + length];
                Ok(self.source[at..].starts_with(text).then_some(at + length))
            }
        }
    }
}
