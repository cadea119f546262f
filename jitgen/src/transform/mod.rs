//! Passes over flow graphs.
