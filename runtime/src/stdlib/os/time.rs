//! Calendar and processor time from the C library: time zones are its business.

/// Broken-down time, as C's `struct tm` has it: months from 0, years from 1900, days of the year and week from 0.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calendar {
    pub(super) second: i32,
    pub(super) minute: i32,
    pub(super) hour: i32,
    pub(super) day: i32,
    pub(super) month: i32,
    pub(super) year: i32,
    pub(super) weekday: i32,
    pub(super) day_of_year: i32,
    /// Positive: daylight saving time; negative: unknown.
    pub(super) daylight_saving: i32,
}

impl Calendar {
    /// The time in seconds since the epoch; `None` if it cannot be represented.
    pub(super) fn of(time: i64, utc: bool) -> Option<Calendar> {
        let mut tm = empty();
        // SAFETY: both pointers are to live objects of the right types.
        let result = unsafe { if utc { libc::gmtime_r(&time, &mut tm) } else { libc::localtime_r(&time, &mut tm) } };
        (!result.is_null()).then(|| Calendar::from_tm(&tm))
    }

    /// Seconds since the epoch of a local time. Fields out of their ranges are brought into them.
    pub(super) fn normalize(&mut self) -> Option<i64> {
        let mut tm = self.to_tm();
        // SAFETY: the pointer is to a live object.
        let time = unsafe { libc::mktime(&mut tm) };
        *self = Calendar::from_tm(&tm);
        (time != -1).then_some(time)
    }

    /// Appends what `strftime` makes of one conversion, given with its `%`.
    pub(super) fn format(&self, conversion: &[u8], utc: bool, out: &mut Vec<u8>) {
        let format: Vec<u8> = [conversion, b"\0"].concat();
        let mut tm = self.to_tm();
        if utc {
            tm.tm_zone = c"GMT".as_ptr();
        } else {
            // The zone comes from the C library again.
            let mut again = tm;
            // SAFETY: the pointer is to a live object.
            unsafe { libc::mktime(&mut again) };
            (tm.tm_zone, tm.tm_gmtoff) = (again.tm_zone, again.tm_gmtoff);
        }
        let mut buffer = [0u8; 256];
        // SAFETY: the buffer is as long as said, the format ends in a zero, the time is a live object.
        let count = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr().cast(), &tm) };
        out.extend_from_slice(&buffer[..count]);
    }

    fn from_tm(tm: &libc::tm) -> Calendar {
        Calendar {
            second: tm.tm_sec,
            minute: tm.tm_min,
            hour: tm.tm_hour,
            day: tm.tm_mday,
            month: tm.tm_mon,
            year: tm.tm_year,
            weekday: tm.tm_wday,
            day_of_year: tm.tm_yday,
            daylight_saving: tm.tm_isdst,
        }
    }

    fn to_tm(self) -> libc::tm {
        let mut tm = empty();
        tm.tm_sec = self.second;
        tm.tm_min = self.minute;
        tm.tm_hour = self.hour;
        tm.tm_mday = self.day;
        tm.tm_mon = self.month;
        tm.tm_year = self.year;
        tm.tm_wday = self.weekday;
        tm.tm_yday = self.day_of_year;
        tm.tm_isdst = self.daylight_saving;
        tm
    }
}

fn empty() -> libc::tm {
    // SAFETY: all fields are integers or a pointer, for which zero bytes are valid.
    unsafe { std::mem::zeroed() }
}

/// Seconds since the epoch.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or_else(|before| -(before.duration().as_secs() as i64), |since| since.as_secs() as i64)
}

/// Processor time of the process.
pub(super) fn processor_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live object.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
