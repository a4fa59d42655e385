import streamlit as st

st.write("hello", st.user.to_dict())
