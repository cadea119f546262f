//! Branches, loops, blocks, early exits.

pub fn if_else(a: i64) -> i64 {
    if a > 10 {
        1
    } else if a > 5 {
        2
    } else {
        3
    }
}

pub fn if_without_else(a: i64) -> i64 {
    let mut x = a;
    if a < 0 {
        x = -a;
    }
    x
}

pub fn short_circuit(a: i64, b: i64) -> (bool, bool, bool) {
    let both = a > 0 && 100 / a > b;
    let either = a == 0 || 100 / a == b;
    (both, either, !(both || either) && a != b)
}

pub fn while_loop(n: u64) -> u64 {
    let mut n = n;
    let mut steps = 0;
    while n != 1 && steps < 1000 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

pub fn loop_with_value(n: i64) -> i64 {
    let mut i = 0;
    let found = loop {
        if i * i >= n {
            break i;
        }
        i += 1;
        if i > 100 {
            break -1;
        }
    };
    found * 2
}

pub fn for_range(n: i64) -> i64 {
    let mut sum = 0;
    for i in 0..n {
        if i % 3 == 0 {
            continue;
        }
        if i > 20 {
            break;
        }
        sum += i;
    }
    sum
}

pub fn for_inclusive(a: u8, b: u8) -> u64 {
    let mut sum = 0;
    for i in a..=b {
        sum += i as u64;
    }
    sum
}

pub fn for_to_the_end(a: u8) -> u64 {
    let mut count = 0;
    for _ in a..=u8::MAX {
        count += 1;
    }
    count
}

pub fn labels(n: i64) -> (i64, i64) {
    let mut i = 0;
    let mut total = 0;
    'outer: while i < n {
        i += 1;
        let mut j = 0;
        loop {
            j += 1;
            if j == 3 {
                continue 'outer;
            }
            if i + j > 8 {
                break 'outer;
            }
            total += i * j;
        }
    }
    (i, total)
}

pub fn labelled_block(a: i64) -> i64 {
    let x = 'found: {
        if a > 100 {
            break 'found 1;
        }
        if a < 0 {
            break 'found 2;
        }
        a * 10
    };
    x + 1
}

pub fn break_value_from_nested(n: i64) -> i64 {
    'search: loop {
        let mut i = 2;
        while i * i <= n {
            if n % i == 0 {
                break 'search i;
            }
            i += 1;
        }
        break n;
    }
}

pub fn early_return(a: i64) -> i64 {
    if a == 1 {
        return 10;
    }
    let b = match a {
        2 => return 20,
        other => other,
    };
    for i in 0..10 {
        if i == b {
            return i;
        }
    }
    -1
}

pub fn question_option(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let doubled = quotient.checked_mul(2)?;
    Some(doubled + 1)
}

#[derive(Copy, Clone, PartialEq)]
pub struct Failed(pub u8);

pub fn half(a: i64) -> Result<i64, Failed> {
    if a % 2 != 0 {
        return Err(Failed(a as u8));
    }
    Ok(a / 2)
}

pub fn question_result(a: i64) -> Result<(i64, bool), Failed> {
    let once = half(a)?;
    let twice = half(once)?;
    Ok((twice, once > 10))
}

pub fn question_unit(a: i64) -> Result<(), Failed> {
    half(a)?;
    Ok(())
}

pub fn nested_option(a: i64) -> Option<Result<i64, Failed>> {
    if a < 0 {
        return None;
    }
    Some(half(a))
}

pub fn use_nested(a: i64) -> i64 {
    match nested_option(a) {
        None => -1,
        Some(Ok(x)) if x > 100 => 1000,
        Some(Ok(x)) => x,
        Some(Err(Failed(code))) => code as i64 + 500,
    }
}

pub fn let_else(a: i64, b: i64) -> i64 {
    let Some(x) = a.checked_rem(b) else {
        return -1;
    };
    let Ok(y) = half(x) else { return -2 };
    x + y
}

pub fn let_chain(a: i64, b: i64) -> i64 {
    if let Some(x) = a.checked_div(b)
        && x > 2
        && let Ok(y) = half(x)
        && y != 7
    {
        x * 100 + y
    } else if let Some(x) = a.checked_add(b) {
        x
    } else {
        0
    }
}

pub fn while_let(n: i64) -> i64 {
    let mut x = n;
    let mut count = 0;
    while let Ok(y) = half(x)
        && x != 0
    {
        x = y;
        count += 1;
    }
    count
}

pub fn uninitialised(a: i64) -> i64 {
    let x;
    let y: i64;
    if a > 0 {
        x = a;
        y = 1;
    } else {
        x = -a;
        y = 2;
    }
    x * y
}

pub fn shadowing(a: i64) -> i64 {
    let x = a;
    let x = x + 1;
    {
        let x = x * 100;
        if x > 1000 {
            return x;
        }
    }
    let y = x;
    let x = y as u8;
    x as i64 + y
}

pub fn blocks_as_values(a: i64) -> i64 {
    let x = {
        let t = a * 2;
        t + 1
    };
    let y = std::hint::black_box(x);
    x + y
}

pub fn never_in_operands(a: i64) -> i64 {
    let x = a + if a > 3 { return a } else { 1 };
    x * 2
}

pub fn loop_carried_swap(n: u64) -> (u64, u64) {
    let (mut a, mut b) = (0, 1);
    for _ in 0..n {
        (a, b) = (b, a + b);
    }
    (a, b)
}

pub fn nested_loops(n: u64) -> u64 {
    let mut total = 0;
    for i in 0..n {
        for j in i..n {
            if (i ^ j) & 1 == 0 {
                continue;
            }
            total += i * j;
        }
    }
    total
}

pub fn debug_assertions(a: i64) -> i64 {
    debug_assert!(a != i64::MIN, "ignored: {a}");
    if a > 1000 {
        unreachable!();
    }
    a
}

pub fn unit_values(a: i64) -> Option<()> {
    if a > 0 { Some(()) } else { None }
}
