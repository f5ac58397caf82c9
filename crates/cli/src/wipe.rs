//! Memory that is given back is wiped, in the commands that hold secrets.
//!
//! Our own types wipe themselves. What they cannot reach are copies inside libraries: the primes of
//! an RSA key in the crate `rsa`, big numbers on their way through a division.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether blocks are wiped: the other commands hold no secret, and need not wait for it.
static ON: AtomicBool = AtomicBool::new(false);

/// From now on blocks are wiped.
pub(crate) fn begin() {
    ON.store(true, Ordering::Relaxed);
}

/// Blocks are not wiped any more: what follows holds public keys alone.
pub(crate) fn end() {
    ON.store(false, Ordering::Relaxed);
}

/// The system's allocator, which wipes.
pub struct Wiping;

// An allocator cannot be had otherwise.
// SAFETY: all is handed on to the system's allocator with the arguments as they came. A block is
// written to while it is still the caller's, over the length that it was asked for with.
#[expect(unsafe_code, reason = "the trait of allocators is unsafe")]
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if ON.load(Ordering::Relaxed) {
            // SAFETY: the block is as long as its layout says, and nobody else's any more.
            unsafe { block.write_bytes(0, layout.size()) };
            // Without this, writes to what nobody reads again are left out.
            std::hint::black_box(block);
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !ON.load(Ordering::Relaxed) {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises that `size` with this alignment is a layout.
        let new = unsafe { System.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: two blocks, each at least as long as the shorter of both.
            unsafe { new.copy_from_nonoverlapping(block, layout.size().min(size)) };
            // SAFETY: as the caller promises.
            unsafe { self.dealloc(block, layout) };
        }
        new
    }
}
