"""Probes of single heads before and after training: static, STL and MTL-5 side by side."""
