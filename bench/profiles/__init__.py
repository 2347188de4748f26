"""Pictures of where time goes, one for each stage and date; `bench.profiles.flame` draws them."""
